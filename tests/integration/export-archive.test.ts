import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import postgres from 'postgres';
import { systemIdentity } from '../../auth/identity.js';
import { signContext } from '../../db/signed-context.js';
import { beginArchive } from '../../export/archive.js';
import type { Manifest } from '../../export/manifest.js';
import { type ExportAccess, openSources } from '../../export/sources.js';
import { tableDecisions } from '../../export/table-decisions.js';
import { type WrittenArchive, writeArchive } from '../../export/write-archive.js';
import { telemetryOf, withAdmin } from '../isolation/data-digest.js';
import { change, type Seed, seed } from '../isolation/seed.js';
import { until } from '../support/bulkhead-process.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';
import { unzipped } from '../support/unzipped.js';

let deployment: TestDeployment;
let a: Seed;
let b: Seed;
let access: ExportAccess;
let written: WrittenArchive;
let files: Map<string, Buffer>;

/** Cells that a spreadsheet would run. */
const formulas = ['=1+1', '+1', '@sum(a1)', '-1+1', '\tx', '＝1'];

beforeAll(async () => {
  deployment = await startTestDeployment();
  const seeded = (letter: string) => deployment.createOrganization(letter).then((each) => seed(each, letter));
  [a, b] = await Promise.all([seeded('A'), seeded('B')]);
  for (const formula of formulas) {
    await change(a.client, 'createFleet', { name: formula, attributes: { '../../etc/passwd': formula } });
  }
  access = {
    operationalUrl: deployment.urlOf('operational', 'bulkhead_worker'),
    vaultUrl: deployment.urlOf('vault', 'bulkhead_vault_reader'),
    contextKey: deployment.operational.contextKey,
    telemetryKey: deployment.telemetryKey,
    deployment: 'test',
  };
  ({ written, files } = await archiveOf(a, 'first.zip'));
});
afterAll(() => deployment.stop());

async function archiveOf({ ids }: Seed, name: string) {
  const path = join(deployment.exportDirectory, name);
  const sources = await openSources(access, ids.organization, 'test');
  try {
    const made = await writeArchive(sources, { path });
    return { written: made, files: await unzipped(readFileSync(path)), path };
  } finally {
    await sources.close();
  }
}

const manifest = () => JSON.parse(String(files.get('manifest.json'))) as Manifest;
const lines = (name: string) => String(files.get(name)).split('\n').slice(0, -1);
const cells = (name: string) =>
  parse(files.get(name)!, { bom: false, record_delimiter: '\r\n', relax_column_count: false }) as string[][];

/** Tables whose rows are exported, by store. */
const exported = (store: keyof typeof tableDecisions) =>
  Object.entries(tableDecisions[store]).flatMap(([table, decision]) => ('columns' in decision ? [table] : []));
const fileOf = (table: string) => `tables/${table.replace(/^app\./, '').replace('.', '_')}`;
const databaseOf = { operational: 'operational', vault: 'vault' } as const;

describe('an archive', () => {
  it('lists every file with its rows, bytes and SHA-256, and nothing else is in it', () => {
    const { files: listed, ...rest } = manifest();
    expect(rest).toMatchObject({
      format: 'bulkhead-export',
      formatVersion: 1,
      deployment: 'test',
      organization: { id: a.ids.organization, name: 'A' },
    });
    expect([...listed.map(({ name }) => name), 'manifest.json']).toEqual([...files.keys()]);
    for (const { name, bytes, sha256, rows } of listed) {
      const content = files.get(name)!;
      expect({ name, bytes, sha256 }).toEqual({
        name,
        bytes: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
      });
      expect({ name, rows }).toEqual({
        name,
        rows: name.endsWith('.ndjson') ? lines(name).length : cells(name).length - 1,
      });
    }
  });

  it.each(['operational', 'vault'] as const)(
    'holds the rows of every table of the %s store as they are',
    async (store) => {
      await withAdmin(deployment.adminUrl(databaseOf[store]), async (sql) => {
        let filled = 0;
        for (const table of exported(store)) {
          const { columns } = tableDecisions[store][table] as { columns: readonly string[] };
          const rows = await sql.unsafe<{ row: string }[]>(
            `select row_to_json(r)::text as row from (select ${columns.join(', ')} from ${table} where org_id = $1) r`,
            [a.ids.organization],
          );
          filled += Math.min(1, rows.length);
          const ndjson = lines(`${fileOf(table)}.ndjson`);
          expect({ table, rows: [...ndjson].sort() }).toEqual({ table, rows: rows.map(({ row }) => row).sort() });
          expect(cells(`${fileOf(table)}.csv`)[0]).toEqual(columns);
          expect(cells(`${fileOf(table)}.csv`).length - 1).toBe(rows.length);
        }
        expect(filled).toBeGreaterThan(store === 'vault' ? 0 : 15);
      });
    },
  );

  it('holds every reading with the names of its thing and metric', async () => {
    const { database } = await telemetryOf(deployment, a.ids.organization);
    await withAdmin(deployment.adminUrl('operational').replace(/\/[^/]*$/, `/${database}`), async (sql) => {
      const rows = await sql<{ thing_id: string; metric_id: string; ms: number; value: string }[]>`
        select thing_id, metric_id, (extract(epoch from at) * 1000)::float8 as ms,
               coalesce(int_value::text, text_value) as value
        from telemetry.readings`;
      expect(rows.length).toBe(18);
      const readings = lines('telemetry/readings.ndjson').map((line) => JSON.parse(line));
      const key = (thing: string, metric: string, ms: number, value: unknown) => [thing, metric, ms, value].join(' ');
      expect(readings.map((r) => key(r.thing_id, r.metric_id, Date.parse(r.at), r.value)).sort()).toEqual(
        rows.map((r) => key(r.thing_id, r.metric_id, r.ms, r.value)).sort(),
      );
      const named = readings.find((reading) => reading.thing_id === a.ids.thing && reading.metric_id === a.ids.metric);
      expect(named).toMatchObject({
        thing: a.names.thing,
        metric: a.names.metric,
        value: expect.stringMatching(/^[123]$/),
      });
      expect(
        cells('telemetry/readings.csv')
          .slice(1)
          .map((cell) => cell[5])
          .sort(),
      ).toEqual(rows.map(({ value }) => value).sort());
    });
  });

  it('holds no secret: not plain, not in base64, not in hex, and no hash of a key', async () => {
    const hashes = await withAdmin(deployment.adminUrl('operational'), async (sql) =>
      (await sql<{ hash: Buffer }[]>`select secret_hash as hash from app.api_key_secrets`).map(({ hash }) => hash),
    );
    const all = Buffer.concat([...files.values()]).toString('latin1');
    const keyText = a.client.key!;
    // The search finds what is there.
    expect(all).toContain(a.names.secret);
    const forms = (secret: Buffer) => [secret.toString('latin1'), secret.toString('hex'), ...base64Forms(secret)];
    const secrets = [Buffer.from(a.secretValue), Buffer.from(keyText), Buffer.from(keyText.slice(-38, -6)), ...hashes];
    for (const form of secrets.flatMap(forms)) expect(all.includes(form)).toBe(false);
  });

  it('holds nothing of another organization', () => {
    const all = Buffer.concat([...files.values()]).toString('utf8');
    expect(all).toContain(a.canary);
    expect(all.includes(b.canary)).toBe(false);
    expect(all.includes(b.ids.organization)).toBe(false);
  });

  it('has names of its own, and no cell that is a formula', () => {
    for (const name of files.keys()) expect(name).toMatch(/^((tables|telemetry)\/)?[a-z_]+\.(csv|ndjson|json)$/);
    const names = cells('tables/places.csv').map((row) => row[2]!);
    for (const formula of formulas) expect(names).toContain(`'${formula}`);
    const dangerous = [...files.keys()]
      .filter((name) => name.endsWith('.csv'))
      .flatMap((name) => cells(name).flat())
      .filter((cell) => /^[=+\-@\t\r＝＋－＠]/.test(cell) && !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(cell));
    expect(dangerous).toEqual([]);
  });

  it('is a private file, whole or not there', () => {
    const path = join(deployment.exportDirectory, 'first.zip');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(path).size).toBe(written.bytes);
    expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(written.sha256);
    expect(existsSync(`${path}.part`)).toBe(false);
  });
});

describe('what keeps organizations apart', () => {
  const tables = exported('operational');

  /** Organizations of the rows that the worker sees in each table in a context of A, without any condition. */
  async function organizationsSeen(): Promise<Map<string, number>> {
    const sql = postgres(deployment.urlOf('operational', 'bulkhead_worker'), { max: 1, fetch_types: false });
    try {
      const [{ pid } = { pid: 0 }] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
      const identity = systemIdentity(a.ids.organization, 'export', 'test');
      return await sql.begin(async (tx) => {
        await tx`select app.enter(${signContext(access.contextKey, identity, 'read', pid)})`;
        const seen = new Map<string, number>();
        for (const table of tables) {
          const [row] = await tx<{ count: number }[]>`select count(distinct org_id)::int as count from ${tx(table)}`;
          seen.set(table, row!.count);
        }
        return seen;
      });
    } finally {
      await sql.end();
    }
  }

  it('row-level security alone shows the worker one organization, and without it, it sees all', async () => {
    const seen = await organizationsSeen();
    const [ofA, ofAll] = await withAdmin(deployment.adminUrl('operational'), async (sql) => {
      const count = async (condition: string) => {
        const counts = new Map<string, number>();
        for (const table of tables) {
          const statement = `select count(distinct org_id)::int as count from ${table} ${condition}`;
          counts.set(table, (await sql.unsafe<{ count: number }[]>(statement))[0]!.count);
        }
        return counts;
      };
      return [await count(`where org_id = '${a.ids.organization}'`), await count('')];
    });
    expect(seen).toEqual(ofA);
    expect([...ofAll.values()].filter((count) => count === 2).length).toBeGreaterThan(15);
    await withAdmin(deployment.adminUrl('operational'), async (sql) => {
      for (const table of tables) await sql.unsafe(`alter table ${table} disable row level security`);
    });
    expect(await organizationsSeen()).toEqual(ofAll);
  });

  it('the conditions of the statements alone keep the other organization out', async () => {
    const bare = await archiveOf(a, 'bare.zip');
    expect(Buffer.concat([...bare.files.values()]).includes(b.canary)).toBe(false);
    expect(bare.files.get('tables/things.csv')).toEqual(files.get('tables/things.csv'));
  });

  it('the worker can read no hash of a key', async () => {
    const sql = postgres(deployment.urlOf('operational', 'bulkhead_worker'), { max: 1, fetch_types: false });
    await expect(sql`select secret_hash from app.api_key_secrets`).rejects.toMatchObject({ code: '42501' });
    await sql.end();
  });
});

describe('a table or column of which nothing is decided', () => {
  it.each([
    ['create table app.forgotten (org_id uuid primary key)', 'drop table app.forgotten', 'app.forgotten is undecided'],
    [
      'alter table app.places add forgotten text',
      'alter table app.places drop forgotten',
      'app.places.forgotten is undecided',
    ],
  ])('%s: fails every export', async (make, unmake, reason) => {
    await withAdmin(deployment.adminUrl('operational'), (sql) => sql.unsafe(make).then(() => {}));
    await expect(archiveOf(a, 'undecided.zip')).rejects.toThrow(reason);
    expect(existsSync(join(deployment.exportDirectory, 'undecided.zip'))).toBe(false);
    await withAdmin(deployment.adminUrl('operational'), (sql) => sql.unsafe(unmake).then(() => {}));
  });
});

describe('memory', () => {
  it('is bounded: what nobody takes is not read from the database', async () => {
    const rows = 20_000;
    await withAdmin(deployment.adminUrl('operational'), async (sql) => {
      await sql`insert into app.places (org_id, id, place_type, name, attributes, created_by)
                select ${b.ids.organization}, gen_random_uuid(), 'Fleet', 'Fleet ' || n,
                       jsonb_build_object('text', md5(n::text) || md5((n * 7)::text) || md5((n * 11)::text)), 'test'
                from generate_series(1, ${rows}::int) n`;
    });
    const sources = await openSources(access, b.ids.organization, 'test');
    const archive = await beginArchive(sources);
    // Stops reading in the midst of the long table.
    const stop = () => {
      if (archive.progress.rowsWritten > 1000) archive.stream.off('data', stop).pause();
    };
    archive.stream.on('data', stop);
    let before = -1;
    await until('the archive to stand still', async () => {
      const { rowsWritten } = archive.progress;
      const stands = rowsWritten > 1000 && rowsWritten === before;
      before = rowsWritten;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return stands ? true : undefined;
    });
    expect(archive.progress.rowsWritten).toBeLessThan(rows / 2);
    let bytes = 0;
    for await (const chunk of archive.stream) bytes += (chunk as Buffer).length;
    expect(archive.manifest?.files.find(({ name }) => name === 'tables/places.csv')?.rows).toBeGreaterThan(rows);
    expect(bytes).toBeLessThan(archive.progress.bytesWritten);
    await sources.close();
  });
});

/** Base64 of a text at each of three places within a longer one, without what its neighbours change. */
function base64Forms(secret: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), secret])
      .toString('base64')
      .replace(/=+$/, '');
    return encoded.slice(offset === 0 ? 0 : 4, -2);
  });
}
