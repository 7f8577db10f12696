import { execFile, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../db/package-root.js';
import type { Manifest } from '../../export/manifest.js';
import { withAdmin } from '../isolation/data-digest.js';
import { type Seed, seed } from '../isolation/seed.js';
import { connectAsAdmin } from '../support/admin-connection.js';
import { until } from '../support/bulkhead-process.js';
import type { GraphqlClient } from '../support/graphql-client.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';
import { unzipped } from '../support/unzipped.js';
import { hold } from './idempotency/held.js';

const fields = 'id state tablesDone tablesTotal rowsWritten bytesWritten failure archiveBytes archiveSha256 expiresAt';

let deployment: TestDeployment;
let a: Seed;
let b: Seed;

beforeAll(async () => {
  deployment = await startTestDeployment();
  const seeded = (letter: string) => deployment.createOrganization(letter).then((each) => seed(each, letter));
  [a, b] = await Promise.all([seeded('A'), seeded('B')]);
  for (const { client, ids } of [a, b]) await cancel(client, ids.export);
  await until('the files to be removed', () => (filesOf(a).length + filesOf(b).length === 0 ? true : undefined));
});
afterAll(() => deployment.stop());

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly tablesDone: number;
  readonly tablesTotal: number;
  readonly rowsWritten: number;
  readonly failure: string | null;
  readonly archiveBytes: number;
  readonly archiveSha256: string;
  readonly expiresAt: string;
}

async function create(client: GraphqlClient): Promise<{ id: string; token: string }> {
  return (await client.ok('mutation { createExport(input: {}) { id token export { state } } }')).createExport;
}

async function show(client: GraphqlClient, id: string): Promise<Shown> {
  return (await client.ok(`query ($id: ID!) { export(id: $id) { ${fields} } }`, { id })).export;
}

const reached = (client: GraphqlClient, id: string, state: string) =>
  until(`an export that is ${state}`, async () => {
    const shown = await show(client, id);
    return shown.state === state ? shown : undefined;
  });

async function ready(client: GraphqlClient): Promise<Shown & { token: string }> {
  const { id, token } = await create(client);
  return { ...(await reached(client, id, 'READY')), token };
}

const cancel = (client: GraphqlClient, id: string) =>
  client.ok('mutation ($id: ID!) { cancelExport(input: { id: $id }) { export { state } } }', { id });

function download(
  id: string,
  token: string,
  key: string | undefined,
  headers: Record<string, string> = {},
  method = 'GET',
) {
  return fetch(`${deployment.gateway.url}/exports/${id}`, {
    method,
    headers: { 'x-export-token': token, ...(key === undefined ? {} : { 'x-api-key': key }), ...headers },
  });
}

const statusOf = async (...args: Parameters<typeof download>) => {
  const response = await download(...args);
  await response.arrayBuffer();
  return response.status;
};

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

const filesOf = ({ ids }: Seed) => {
  const directory = join(deployment.exportDirectory, ids.organization);
  return existsSync(directory) ? readdirSync(directory) : [];
};

async function actions(client: GraphqlClient, action: string): Promise<{ outcome: string; code: string | null }[]> {
  const { auditEvents } = await client.ok(
    'query ($action: String!) { auditEvents(first: 100, filter: { action: $action }) { nodes { outcome code } } }',
    { action },
  );
  return auditEvents.nodes;
}

/** Rows that hardly can be packed, so that an archive is larger than what sockets hold. */
const fill = ({ ids }: Seed, rows: number) =>
  withAdmin(deployment.adminUrl('operational'), async (sql) => {
    await sql`insert into app.places (org_id, id, place_type, name, attributes, created_by)
              select ${ids.organization}, gen_random_uuid(), 'Fleet', 'Fleet ' || n, jsonb_build_object('text',
                     (select string_agg(encode(sha256((n || '/' || i)::bytea), 'base64'), '') from generate_series(1, 60) i)), 'test'
              from generate_series(1, ${rows}::int) n`;
  });

describe('an export', () => {
  let made: Shown & { token: string };

  it('is made by the worker, with progress, and shown to whoever may read the organization', async () => {
    made = await ready(a.client);
    expect(made).toMatchObject({ failure: null, tablesDone: made.tablesTotal });
    expect(made.tablesTotal).toBeGreaterThan(15);
    expect(made.rowsWritten).toBeGreaterThan(100);
    const hours = (Date.parse(made.expiresAt) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24.01);
    const { exports: list } = await a.client.ok('{ exports(first: 10) { totalCount nodes { id } } }');
    expect(list).toEqual({ totalCount: 2, nodes: [{ id: a.ids.export }, { id: made.id }] });
    expect(await b.client.codes('query ($id: ID!) { export(id: $id) { id } }', { id: made.id })).toEqual(['NOT_FOUND']);
  });

  it('is encrypted where it lies, and the token is kept nowhere', async () => {
    const [name = ''] = filesOf(a);
    const file = readFileSync(join(deployment.exportDirectory, a.ids.organization, name));
    expect(file.subarray(0, 21).toString()).toBe('age-encryption.org/v1');
    expect(file.includes(a.canary)).toBe(false);
    expect(file.includes('manifest.json')).toBe(false);
    for (const table of ['app.exports', 'audit.entries', 'graphile_worker._private_jobs', 'platform.job_runs']) {
      const rows = await withAdmin(
        deployment.adminUrl('operational'),
        (sql) => sql`select t::text as text from ${sql(table)} t`,
      );
      expect(rows.some((row) => row['text'].includes(made.token))).toBe(false);
    }
    expect(deployment.logLines.some((line) => line.includes(made.token))).toBe(false);
  });

  it('stands in the way of another one', async () => {
    expect(await a.client.codes('mutation { createExport(input: {}) { id } }')).toEqual(['CONFLICT']);
  });

  it('is fetched by nobody else', async () => {
    const { id: foreignId, token: foreign } = await create(b.client);
    const reader = await a.organization.createKey({ scopes: ['read *'] });
    const admin = await a.organization.createKey({ scopes: [`admin ORGANIZATION/${a.ids.organization}`] });
    const { id, token } = made;
    const key = a.client.key;
    const unknown = '0190a1b2-0000-7000-8000-000000000000';
    const attempts = [
      await statusOf(id, token, undefined),
      await statusOf(id, token, 'bhad_live_nonsense'),
      await statusOf(id, token, b.client.key),
      await statusOf(id, foreign, key),
      await statusOf(id, '', key),
      await statusOf(id, token.toLowerCase(), key),
      await statusOf(unknown, token, key),
      await statusOf('..%2f..%2fetc%2fpasswd', token, key),
      await statusOf(id, token, reader.text),
      await statusOf(id, token, admin.text),
      await statusOf(id, token, key, {}, 'HEAD'),
    ];
    expect(attempts).toEqual([401, 401, 404, 404, 404, 404, 404, 404, 403, 403, 404]);
    expect(await reader.client.codes('mutation { createExport(input: {}) { id } }')).toEqual(['FORBIDDEN']);
    expect(await admin.client.codes('mutation { createExport(input: {}) { id } }')).toEqual(['FORBIDDEN']);
    await cancel(b.client, foreignId);
    const refusals = (await actions(a.client, 'downloadExport')).filter(({ outcome }) => outcome === 'REFUSED');
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['NOT_FOUND', 'FORBIDDEN']));
  });

  it('is fetched once, by one of many at once, whole and as it was made', async () => {
    const responses = await Promise.all(Array.from({ length: 8 }, () => download(made.id, made.token, a.client.key)));
    const bodies = await Promise.all(responses.map(async (response) => Buffer.from(await response.arrayBuffer())));
    const winners = responses.flatMap(({ status }, index) => (status === 200 ? [bodies[index]!] : []));
    expect(winners).toHaveLength(1);
    for (const { status } of responses) expect([200, 404, 409]).toContain(status);
    const [zip] = winners as [Buffer];
    expect(zip.length).toBe(made.archiveBytes);
    expect(sha256(zip)).toBe(made.archiveSha256);
    const files = await unzipped(zip);
    const manifest = JSON.parse(String(files.get('manifest.json'))) as Manifest;
    expect(manifest.organization.id).toBe(a.ids.organization);
    for (const each of manifest.files) expect(sha256(files.get(each.name)!)).toBe(each.sha256);
    expect(String(files.get('tables/things.ndjson'))).toContain(a.canary);
    expect([...files.values()].some((content) => content.includes(b.canary))).toBe(false);
    expect([...files.values()].some((content) => content.includes(a.secretValue))).toBe(false);
  });

  it('is gone after that, and the audit log has it all', async () => {
    await reached(a.client, made.id, 'DOWNLOADED');
    expect(await statusOf(made.id, made.token, a.client.key)).toBe(404);
    await until('the file to be removed', () => (filesOf(a).length === 0 ? true : undefined));
    const outcomes = async (action: string) =>
      (await actions(a.client, action)).map(({ outcome }) => outcome).reverse();
    expect((await outcomes('createExport')).filter((outcome) => outcome === 'SUCCEEDED')).toHaveLength(2);
    expect((await outcomes('makeExport')).slice(-2)).toEqual(['INTENDED', 'SUCCEEDED']);
    const downloads = (await outcomes('downloadExport')).filter((outcome) => outcome !== 'REFUSED');
    expect(downloads).toEqual(['INTENDED', 'SUCCEEDED']);
  });

  it('cannot be fetched from the moment of its expiry, and is removed by the job', async () => {
    const { id, token, expiresAt } = await ready(a.client);
    const runAt = (at: number) =>
      withAdmin(deployment.adminUrl('operational'), async (sql) => {
        const now = new Date(at).toISOString();
        const [row] = await sql<{ id: string }[]>`
          select platform.add_job('expireExports', null, jsonb_build_object('now', ${now}::text)) as id`;
        await until('the job', async () => {
          const [run] = await sql`select from platform.job_runs where job_id = ${row!.id} and outcome = 'SUCCEEDED'`;
          return run === undefined ? undefined : true;
        });
      });
    await runAt(Date.parse(expiresAt) - 1000);
    expect(filesOf(a)).toHaveLength(1);
    expect((await show(a.client, id)).state).toBe('READY');
    const passed = 'update app.exports set expires_at = clock_timestamp() where id = $1';
    await withAdmin(deployment.adminUrl('operational'), (sql) => sql.unsafe(passed, [id]).then(() => {}));
    expect(filesOf(a)).toHaveLength(1);
    expect(await statusOf(id, token, a.client.key)).toBe(404);
    expect((await show(a.client, id)).state).toBe('EXPIRED');
    await runAt(Date.now() + 1000);
    expect(filesOf(a)).toEqual([]);
    expect(await actions(a.client, 'expireExport')).toEqual([{ outcome: 'SUCCEEDED', code: null }]);
  });

  it('is asked for once, by one of many at once; cancelled it is gone', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => a.client.send('mutation { createExport(input: {}) { id token } }')),
    );
    const made = answers.flatMap(({ data }) => (data?.createExport ? [data.createExport] : []));
    expect(made).toHaveLength(1);
    const [{ id, token }] = made;
    await reached(a.client, id, 'READY');
    expect((await cancel(a.client, id)).cancelExport.export.state).toBe('CANCELLED');
    expect(await statusOf(id, token, a.client.key)).toBe(404);
    await until('the file to be removed', () => (filesOf(a).length === 0 ? true : undefined));
    expect((await cancel(a.client, id)).cancelExport.export.state).toBe('CANCELLED');
  });
});

describe('docs/export.md', () => {
  const text = readFileSync(join(packageRoot, 'docs', 'export.md'), 'utf8');
  const block = (language: string, holds: string) =>
    [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].flatMap(([, found = '']) =>
      found.includes(holds) ? [found] : [],
    )[0]!;

  it('says how to ask for an archive, to look at it and to fetch it', async () => {
    const { id, token } = (await b.client.ok(block('graphql', 'createExport'))).createExport;
    const shown = await until('the archive', async () => {
      const { export: found } = await b.client.ok(block('graphql', 'export(id'), { id });
      return found.state === 'READY' ? found : undefined;
    });
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-docs-'));
    const env = { PATH: process.env['PATH'], API_KEY: b.client.key, TOKEN: token, EXPORT_ID: id };
    await promisify(execFile)('bash', ['-c', block('sh', 'curl')], {
      cwd: folder,
      env: { ...env, URL: deployment.gateway.url },
    });
    expect(sha256(readFileSync(join(folder, 'acme.zip')))).toBe(shown.archiveSha256);
    rmSync(folder, { recursive: true });
  });
});

describe('a large export', () => {
  beforeAll(() => fill(a, 4_000));

  it('goes on where its download broke, and not twice', async () => {
    const { id, token, archiveBytes, archiveSha256 } = await ready(a.client);
    expect(archiveBytes).toBeGreaterThan(12_000_000);
    const headers = { 'x-export-token': token, 'x-api-key': a.client.key! };
    const request = get(`${deployment.gateway.url}/exports/${id}`, { headers });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const [first] = (await once(response, 'data')) as [Buffer];
    // Nobody else gets it while it is being sent.
    expect(await statusOf(id, token, a.client.key)).toBe(409);
    request.destroy();
    const rest = await until('the claim to be given back', async () => {
      const again = await download(id, token, a.client.key, { range: `bytes=${first.length}-` });
      if (again.status === 206) return again;
      await again.arrayBuffer();
      return undefined;
    });
    expect(rest.headers.get('content-range')).toBe(`bytes ${first.length}-${archiveBytes - 1}/${archiveBytes}`);
    const whole = Buffer.concat([first, Buffer.from(await rest.arrayBuffer())]);
    expect(sha256(whole)).toBe(archiveSha256);
    await reached(a.client, id, 'DOWNLOADED');
    expect(await statusOf(id, token, a.client.key, { range: 'bytes=1-' })).toBe(404);
    const outcomes = (await actions(a.client, 'downloadExport')).map(({ outcome }) => outcome);
    expect(outcomes).toContain('FAILED');
  });

  it('ends when its archive is cancelled while it is sent', async () => {
    const { id, token } = await ready(a.client);
    const headers = { 'x-export-token': token, 'x-api-key': a.client.key! };
    const request = get(`${deployment.gateway.url}/exports/${id}`, { headers });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    // Takes nothing, so that the download is under way until it is ended.
    const closed = new Promise((resolve) => response.once('close', resolve));
    response.on('error', () => {});
    const failures = async () =>
      (await actions(a.client, 'downloadExport')).filter(({ outcome }) => outcome === 'FAILED');
    const before = (await failures()).length;
    await cancel(a.client, id);
    await until('the download to be ended', async () => ((await failures()).length > before ? true : undefined));
    response.resume();
    await closed;
    expect(response.complete).toBe(false);
  });

  it('is made all the same when its worker is killed', async () => {
    await deployment.stopWorker();
    const worker = () => {
      const child = fork(join(packageRoot, 'dist', 'server', 'worker-process.js'), [], {
        serialization: 'advanced',
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      child.send({ type: 'start', configuration: deployment.workerConfiguration });
      return child;
    };
    const admin = connectAsAdmin(deployment.cluster, new URL(deployment.adminUrl('operational')).pathname.slice(1));
    // However quick it is: it does not come to its end before it is killed.
    const held = await hold(admin, "before update on app.exports for each row when (new.state = 'READY')");
    const { id, token } = await create(a.client);
    const first = worker();
    await until('a file', () => (filesOf(a).length > 0 ? true : undefined));
    first.kill('SIGKILL');
    await once(first, 'exit');
    await held.endWaiting();
    await held.release();
    await admin.end();
    expect(await show(a.client, id)).toMatchObject({ state: 'RUNNING' });
    expect(await statusOf(id, token, a.client.key)).toBe(404);
    const second = worker();
    const { archiveSha256 } = await reached(a.client, id, 'READY');
    expect(filesOf(a)).toEqual([`${id}.age`]);
    const response = await download(id, token, a.client.key);
    expect(sha256(Buffer.from(await response.arrayBuffer()))).toBe(archiveSha256);
    const outcomes = (await actions(a.client, 'makeExport')).map(({ outcome }) => outcome);
    expect(outcomes.slice(0, 3)).toEqual(['SUCCEEDED', 'INTENDED', 'INTENDED']);
    second.kill('SIGTERM');
    await once(second, 'exit');
  });
});
