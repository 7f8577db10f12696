import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { telemetryOf, withAdmin } from '../isolation/data-digest.js';
import type { TestDeployment } from './test-deployment.js';

/** A text as it may be stored: as it is, as hex (also of bytes, as PostgreSQL writes them), as base64 at any offset. */
export function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    // Only whole groups of three bytes look the same whatever stands before and behind.
    return padded.slice(offset === 0 ? 0 : 4, Math.floor((offset + bytes.length) / 3) * 4);
  });
  return [
    text,
    encodeURIComponent(text),
    [...text].reverse().join(''),
    bytes.toString('hex'),
    ...base64,
    ...base64.map((each) => each.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

/** Whether a text holds another one in any form. */
export function holdsText(stored: string, text: string): boolean {
  return formsOf(text).some((form) => stored.toLowerCase().includes(form.toLowerCase()));
}

/**
 * Where a text is stored or logged, in all tables of the operational database and the vault, and in the files that the
 * deployment has written.
 * @param orgId also in the telemetry database of this organization
 */
export async function placesOfText(deployment: TestDeployment, text: string, orgId?: string): Promise<string[]> {
  const holds = (stored: string) => holdsText(stored, text);
  const places = deployment.logLines.some(holds) ? ['log'] : [];
  const databases: [name: string, url: string][] = [
    ['operational', deployment.adminUrl('operational')],
    ['vault', deployment.adminUrl('vault')],
  ];
  if (orgId !== undefined) {
    const { database } = await telemetryOf(deployment, orgId);
    databases.push(['telemetry', deployment.adminUrl('operational').replace(/\/[^/]*$/, `/${database}`)]);
  }
  for (const [kind, url] of databases) {
    await withAdmin(url, async (sql) => {
      const tables = await sql<{ name: string }[]>`
        select schemaname || '.' || tablename as name from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema')`;
      for (const { name } of tables) {
        const rows = await sql<{ text: string }[]>`select t::text as text from ${sql(name)} t`;
        if (rows.some((row) => holds(row.text))) places.push(`${kind} ${name}`);
      }
    });
  }
  const { exportDirectory, checkpoints } = deployment.workerConfiguration;
  for (const [kind, directory] of [
    ['exports', exportDirectory],
    ['checkpoints', checkpoints.directory],
  ] as const) {
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
    const contents = files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'));
    if (contents.some(holds)) places.push(kind);
  }
  return places.sort();
}
