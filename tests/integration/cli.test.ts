import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import {
  type BulkheadProcess,
  freePort,
  runBulkhead,
  spawnBulkhead,
  startBulkheadProcess,
  temporaryHome,
  until,
} from '../support/bulkhead-process.js';
import { type GraphqlClient, graphqlClient } from '../support/graphql-client.js';
import { unzipped } from '../support/unzipped.js';

const { home, remove } = temporaryHome();
let bulkhead: BulkheadProcess;
let client: GraphqlClient;
let thingId: string;

const settings = { BULKHEAD_HOME: home };

async function json(...args: string[]): Promise<Record<string, string>> {
  const { status, stdout, stderr } = await runBulkhead([...args, '--json'], settings);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  bulkhead = await startBulkheadProcess({ ...settings, PORT: String(await freePort()) });
  const { apiKey } = JSON.parse(readFileSync(join(home, 'demo.json'), 'utf8'));
  client = graphqlClient(bulkhead.url, apiKey);
  const { things } = await client.ok('{ things(first: 1, filter: { search: "Reception" }) { nodes { id } } }');
  thingId = things.nodes[0].id;
});
afterAll(async () => {
  await bulkhead.end('SIGTERM');
  remove();
});

describe('retention', () => {
  const bulk = (...args: string[]) => runBulkhead(['retention', ...args], settings);

  it('shows what a run would remove, runs, and tells what was removed', async () => {
    const { orgId } = (await client.ok('{ me { orgId } }')).me;
    const metrics = `{ retentionPreview(days: 3650) { allReadings } }`;
    const count = async () => (await client.ok(metrics)).retentionPreview.allReadings;
    expect(await count()).toBeGreaterThan(0);
    const plan = { orgId, retentionDays: 365, readings: 0, refusal: null, isRefused: false };
    for (const options of [['--dry-run'], [], ['--org', orgId, '--confirm']]) {
      const { status, stdout } = await bulk('run', ...options, '--json');
      expect([status, JSON.parse(stdout)]).toEqual([0, expect.arrayContaining([expect.objectContaining(plan)])]);
    }
    const shown = await bulk('run', '--dry-run', '--org', orgId);
    expect(shown.stdout).toMatch(/^[0-9a-f-]{36} {2}keeps 365 days, since \S+Z\n {2}nothing has expired\n$/);
    for (const line of shown.stdout.split('\n')) expect(line.length).toBeLessThan(100);

    const unknown = await bulk('run', '--org', '01a200f4-0000-7000-8000-000000000000');
    expect([unknown.status, unknown.stderr]).toEqual([
      2,
      '--org: there is no organization with telemetry of this id.\n',
    ]);
  });

  it('shows deleted definitions that are over their time, and all records that end', async () => {
    expect(JSON.parse((await bulk('definitions', '--json')).stdout)).toEqual([]);
    expect((await bulk('definitions')).stdout).toBe('No deleted definition is over its time.\n');
    const records = JSON.parse((await bulk('transient', '--json')).stdout) as { name: string; job: string }[];
    const text = (await bulk('transient')).stdout;
    expect(records.length).toBeGreaterThan(1);
    for (const { name, job } of records)
      expect(text).toMatch(new RegExp(`^${name}$[^]*removed by {2}the job ${job}`, 'm'));
  });
});

describe('deletion', () => {
  it('deletes what its name confirms, with a certificate that is checked without the deployment', async () => {
    const { orgId = '' } = await json('org', 'create', 'Gone');
    const refused = await runBulkhead(['org', 'delete', orgId, '--confirm', 'gone'], settings);
    expect([refused.status, refused.stderr]).toEqual([2, '--confirm is not the name of this organization.\n']);

    const { status, stdout, stderr } = await runBulkhead(['org', 'delete', orgId, '--confirm', 'Gone'], settings);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^Deleted in [0-9.]+ s\. The certificate/)]);
    expect(stderr).toMatch(/^\S+Z {2}[A-Z]+\n/);
    const again = await json('org', 'delete', orgId, '--confirm', 'Gone');
    expect(again).toMatchObject({ organizationId: orgId, step: null });
    const list = await runBulkhead(['org', 'deletions'], settings);
    expect(list.stdout).toMatch(new RegExp(`^${orgId} {2}asked for \\S+ {2}done \\S+\\n$`));

    const file = join(home, 'ledger', 'certificates', `${orgId}.json`);
    const key = join(home, 'audit.pub');
    writeFileSync(key, (await runBulkhead(['audit', 'key'], settings)).stdout);
    const check = (of: string) =>
      runBulkhead(['org', 'verify-certificate', of, '--public-key', key, '--ledger', join(home, 'ledger')], {});
    expect((await check(file)).stdout).toMatch(new RegExp(`^OK: organization ${orgId} was deleted`));
    const forged = join(home, 'forged.json');
    writeFileSync(forged, readFileSync(file, 'utf8').replace(orgId, '01a20104-1d04-72f1-bf2c-fb498bdd4954'));
    expect(await check(forged)).toMatchObject({ status: 1, stderr: expect.stringContaining('does not fit') });

    // What is left of its audit log still verifies.
    await until('a checkpoint over it', async () => {
      const verified = await runBulkhead(['audit', 'verify', '--live', '--json'], settings);
      return JSON.parse(verified.stdout).ok === true ? true : undefined;
    });
  });
});

describe('export', () => {
  it('writes an archive of an organization that only its owner may read, and says so in its audit log', async () => {
    const { orgId } = JSON.parse(readFileSync(join(home, 'demo.json'), 'utf8'));
    const file = join(home, 'demo.zip');
    const { tables, rows, bytes, sha256 } = await json('export', orgId, '--out', file);
    const zip = readFileSync(file);
    expect({ bytes: zip.length, sha256: createHash('sha256').update(zip).digest('hex') }).toEqual({ bytes, sha256 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const files = await unzipped(zip);
    expect([...files.keys()].filter((name) => name.endsWith('.ndjson'))).toHaveLength(Number(tables));
    expect(String(files.get('tables/things.csv'))).toContain('Reception');
    expect(Number(rows)).toBeGreaterThan(1000);
    const { auditEvents } = await client.ok(
      '{ auditEvents(first: 5, filter: { action: "makeExport" }) { nodes { outcome actorType } } }',
    );
    expect(auditEvents.nodes.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['SUCCEEDED', 'INTENDED']);

    const identity = await generateX25519Identity();
    const sealed = join(home, 'demo.zip.age');
    await json('export', orgId, '--out', sealed, '--recipient', await identityToRecipient(identity));
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const opened = await unzipped(Buffer.from(await decrypter.decrypt(readFileSync(sealed))));
    expect(opened.get('tables/things.csv')).toEqual(files.get('tables/things.csv'));
  });

  it('refuses what it cannot do, and leaves nothing', async () => {
    const { orgId } = JSON.parse(readFileSync(join(home, 'demo.json'), 'utf8'));
    const there = join(home, 'demo.json');
    const nobody = '0190a1b2-0000-7000-8000-000000000000';
    const cases = [
      { args: ['export', orgId, '--out', there], status: 2, says: 'is there already' },
      { args: ['export', orgId, '--out', join(home, 'x.zip'), '--recipient', 'age2'], status: 2, says: 'age-keygen' },
      { args: ['export', orgId, '--out', join(home, 'no', 'x.zip')], status: 2, says: 'make it first' },
      { args: ['export', nobody, '--out', join(home, 'x.zip')], status: 2, says: 'not found' },
      { args: ['export', orgId], status: 2, says: '--out' },
    ];
    for (const { args, status, says } of cases) {
      const result = await runBulkhead(args, settings);
      expect(result.stderr).toContain(says);
      expect(result.status).toBe(status);
    }
    expect(readdirSync(home).filter((name) => /^(x\.zip.*|no)$/.test(name))).toEqual([]);
  });
});

describe('org create, key create, operator create', () => {
  it('make what they say, while everything runs, and audit it', async () => {
    const organization = await json('org', 'create', 'Acme');
    const { orgId = '', apiKey = '' } = organization;
    const acme = graphqlClient(bulkhead.url, apiKey);
    expect((await acme.ok('{ organization { id name } }')).organization).toEqual({ id: orgId, name: 'Acme' });

    const key = await json(
      'key',
      'create',
      '--org',
      orgId,
      '--scope',
      'read PLACE/Site/#',
      '--scope',
      'read THING/#/#',
    );
    const reader = graphqlClient(bulkhead.url, key['apiKey']);
    expect((await reader.ok('{ sites(first: 1) { totalCount } }')).sites.totalCount).toBe(0);
    expect(await reader.codes('{ organization { id } }')).not.toEqual([]);

    const { auditEvents } = await acme.ok('{ auditEvents(first: 10) { nodes { action outcome actorType actorId } } }');
    const made = auditEvents.nodes.filter((event: { action: string }) => event.action.startsWith('createOrganization'));
    expect(made).toContainEqual({
      action: 'createOrganizationApiKey',
      outcome: 'SUCCEEDED',
      actorType: 'SYSTEM',
      actorId: 'key create',
    });

    const operator = await json('operator', 'create', 'Night shift');
    const operated = graphqlClient(bulkhead.url, operator['apiKey'], '/operator/graphql');
    const { organizations } = await operated.ok('{ organizations(first: 10) { id name } }');
    expect(organizations).toContainEqual({ id: orgId, name: 'Acme' });

    const limited = await json('org', 'set-data-limit', orgId, '5GiB');
    expect(limited).toMatchObject({ limitMebibytes: 5120, state: 'BELOW' });
    const { organization: seen } = await operated.ok(
      `{ organization(id: "${orgId}") { dataPackage { limitMebibytes } } }`,
    );
    expect(seen.dataPackage).toEqual({ limitMebibytes: 5120 });

    const operatorId = String(operator['operatorId']);
    const revoked = await json('operator', 'revoke', operatorId);
    expect(await operated.codes('{ organizations(first: 1) { id } }')).toEqual(['UNAUTHENTICATED']);
    const operators = (await json('operator', 'list')) as unknown as Record<string, unknown>[];
    expect(operators).toContainEqual({
      id: operatorId,
      name: 'Night shift',
      createdAt: expect.any(String),
      revokedAt: revoked['revokedAt'],
    });
  });

  it('refuse with what to do', async () => {
    const unknown = '0190a1b2-0000-7000-8000-000000000000';
    const cases = [
      { args: ['key', 'create', '--org', unknown, '--scope', 'read THING/#/#'], status: 2, says: 'not found' },
      { args: ['key', 'create', '--org', unknown, '--scope', 'read'], status: 2, says: '--scope "read THING/#/#"' },
      { args: ['key', 'create', '--scope', 'read THING/#/#'], status: 2, says: '--org' },
      { args: ['org', 'make', 'x'], status: 2, says: 'unknown command' },
      { args: ['org', 'create', ''], status: 2, says: 'name' },
      { args: ['audit', 'verify', '--dir', join(home, 'no')], status: 2, says: 'cannot be read (ENOENT)' },
    ];
    for (const { args, status, says } of cases) {
      const result = await runBulkhead(args, settings);
      expect(result.stderr).toContain(says);
      expect(result.status).toBe(status);
      expect(result.stderr).not.toContain('    at ');
    }
  });

  it('say that Bulkhead does not run where it does not', async () => {
    const { status, stderr } = await runBulkhead(['org', 'create', 'x'], { BULKHEAD_HOME: join(home, 'nowhere') });
    expect(status).toBe(1);
    expect(stderr).toContain('npm start');
  });
});

describe('jobs', () => {
  it('are listed and run on demand, which is audited', async () => {
    const ran = await json('jobs', 'run', 'cleanJobs', '--now', new Date().toISOString());
    expect(ran).toEqual({
      jobId: expect.any(String),
      task: 'cleanJobs',
      outcome: 'SUCCEEDED',
      reason: null,
      startedAt: expect.any(String),
      endedAt: expect.any(String),
    });
    const listed = async () => (await json('jobs', 'list')) as unknown as Record<string, Record<string, unknown>[]>;
    // It is running now where its minute has just come.
    const { rollups, failedJobs } = await until('a run of rollups', async () => {
      const { jobs, failedJobs } = await listed();
      const rollups = jobs?.find(({ name }) => name === 'rollups');
      return rollups?.['lastRun'] != null && (rollups['lastRun'] as { outcome: unknown }).outcome !== null
        ? { rollups, failedJobs }
        : undefined;
    });
    expect(rollups).toMatchObject({ schedule: '*/10 * * * *', lastRun: { outcome: 'SUCCEEDED' }, failed: 0 });
    expect(Date.parse(String(rollups['nextRunAt']))).toBeGreaterThan(Date.now() - 60_000);
    expect(failedJobs).toEqual([]);
    const stdout = await until('the same in words', async () => {
      const { stdout } = await runBulkhead(['jobs', 'list'], settings);
      return /^rollups .*succeeded/m.test(stdout) ? stdout : undefined;
    });
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(stdout).toMatch(
      /^rollups +\*\/10 \* \* \* \* +\d\d-\d\d \d\d:\d\d +\d\d-\d\d \d\d:\d\d +succeeded +0\/0\/0$/m,
    );

    const { orgId = '', apiKey = '' } = await json('org', 'create', 'Jobs');
    const provisioned = await runBulkhead(['jobs', 'run', 'provisionTelemetry', '--org', orgId], settings);
    expect({ status: provisioned.status, stderr: provisioned.stderr }).toEqual({ status: 0, stderr: '' });
    expect(provisioned.stdout).toMatch(/^provisionTelemetry succeeded in \d+\.\d s\.$/m);
    const { auditEvents } = await graphqlClient(bulkhead.url, apiKey).ok(
      '{ auditEvents(first: 10, filter: { action: "runJob" }) { nodes { outcome actorType actorId change } } }',
    );
    expect(auditEvents.nodes).toEqual([
      {
        outcome: 'SUCCEEDED',
        actorType: 'SYSTEM',
        actorId: 'jobs run',
        change: { input: { task: 'provisionTelemetry' } },
      },
    ]);
  });

  it('refuse with what to do', async () => {
    const cases = [
      { args: ['nothing'], status: 2, says: 'cleanJobs,' },
      { args: ['provisionTelemetry'], status: 2, says: 'add --org' },
      { args: ['rollups', '--now', '2030-01-01T00:00:00Z'], status: 2, says: '--now is for: cleanJobs, expire' },
      { args: ['cleanJobs', '--now', 'tomorrow'], status: 2, says: '2027-01-01T00:00:00Z' },
      { args: ['provisionTelemetry', '--org', '0190a1b2-0000-7000-8000-000000000000'], status: 2, says: 'not found' },
    ];
    for (const { args, status, says } of cases) {
      const result = await runBulkhead(['jobs', 'run', ...args], settings);
      expect(result.stderr).toContain(says);
      for (const line of result.stderr.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
      expect(result.status).toBe(status);
    }
  });
});

describe('help', () => {
  it.each([
    [],
    ['start'],
    ['migrate'],
    ['operator', 'create'],
    ['org', 'create'],
    ['key', 'create'],
    ['import'],
    ['jobs', 'list'],
    ['jobs', 'run'],
    ['backup', 'archive-wal'],
  ])('of %j has examples and fits 100 columns', async (...command) => {
    const { status, stdout } = await runBulkhead([...command, '--help'], settings);
    expect(status).toBe(0);
    expect(stdout).toContain('Examples:');
    // PostgreSQL runs it in its data directory, where npx would fetch what has this name.
    expect(stdout).not.toMatch(/archive_command.*npx/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});

/** The way to a gateway on which so many requests are answered, and those after them not until it is mended. */
async function wayThatEnds(to: string, requests: number) {
  let left = requests;
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const server = createServer((request, response) => {
    left -= 1;
    if (left < 0) return end();
    const { method, headers, url } = request;
    const passed = ask(new URL(url ?? '', to), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const mend = () => {
    left = Number.POSITIVE_INFINITY;
  };
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, ended, mend, close };
}

describe('import', () => {
  const begunMs = Date.now();
  const daysAgo = (days: number) => new Date(begunMs - days * 86_400_000).toISOString().slice(0, 10);

  async function stored(metric: string): Promise<[string, unknown][]> {
    const { thing } = await client.ok(
      `query ($id: ID!, $start: DateTime!, $end: DateTime!, $metrics: [ID!]) {
        thing(id: $id) { timeseries(start: $start, end: $end, metricIds: $metrics) { points { at value } } }
      }`,
      { id: thingId, start: `${daysAgo(3)}T00:00:00Z`, end: `${daysAgo(2)}T00:00:00Z`, metrics: [metric] },
    );
    const [series] = thing.timeseries;
    return (series?.points ?? []).map(({ at, value }: { at: string; value: unknown }) => [at.slice(11, 16), value]);
  }

  it('stores unsorted and repeated times, the last of the file winning, and reports what it leaves out', async () => {
    const file = join(home, 'office.csv');
    const day = daysAgo(10);
    writeFileSync(
      file,
      `\uFEFFTime,celsius,note\r
${day} 10:05:00,20.5,"a ""quoted"", note"\r
${day} 10:00:00,19.25,unsorted\r
${day} 10:05:00,21.5,again\r
not a time,20,\r
${day} 10:10:00,,empty\r
${day} 10:15:00,warm,no number\r
2001-01-01 00:00:00,20,too old\r
${day} 10:20:00,20\r
${day} 10:25:00,1e1,last\r
`,
    );
    const report = join(home, 'refused.csv');
    const result = await json(
      ...['import', file, '--demo', '--thing', thingId, '--metric', 'temperature', '--timestamp-column', 'time'],
      ...['--value-column', 'celsius', '--shift-days', '7', '--report', report],
    );
    expect(result).toMatchObject({ rows: 9, stored: 4, refused: 5 });
    expect(await stored('Temperature')).toEqual([
      ['10:00', 19.25],
      ['10:05', 21.5],
      ['10:25', 10],
    ]);
    const lines = readFileSync(report, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => line.split(',')[0])).toEqual(['row', '4', '5', '6', '7', '8']);
    expect(existsSync(`${file}.import.json`)).toBe(false);
  });

  it('goes on where it was interrupted', async () => {
    const file = join(home, 'long.csv');
    const moments = Array.from({ length: 250 }, (_, index) => index);
    const rows = moments.map(
      (minute) => `${new Date(Date.parse(`${daysAgo(3)}T12:00Z`) + minute * 60_000).toISOString()},${minute}`,
    );
    writeFileSync(file, `timestamp,value\n${rows.join('\n')}\n`);
    const keyFile = join(home, 'key.txt');
    writeFileSync(keyFile, client.key ?? '');
    const args = ['import', file, '--thing', thingId, '--metric', 'Humidity', '--batch', '10'];
    const way = await wayThatEnds(bulkhead.url, 12);
    args.push('--url', way.url, '--key-file', keyFile, '--json');

    const interrupted = spawnBulkhead(args, settings, '');
    const state = `${file}.import.json`;
    await way.ended;
    const { rowsDone } = await until('some rows to be stored', () =>
      existsSync(state) ? (JSON.parse(readFileSync(state, 'utf8')) as { rowsDone: number }) : undefined,
    );
    interrupted.child.kill('SIGKILL');
    await once(interrupted.child, 'exit');
    way.mend();
    expect(rowsDone).toBeGreaterThanOrEqual(10);
    expect(rowsDone).toBeLessThan(250);

    const other = await runBulkhead([...args, '--shift-days', '1'], settings);
    expect([other.status, other.stderr]).toEqual([2, expect.stringContaining('unfinished import')]);

    const resumed = await runBulkhead(args, settings);
    expect(resumed.stderr).toContain(`Going on after row ${rowsDone}`);
    expect(JSON.parse(resumed.stdout)).toEqual({ rows: 250, stored: 250, refused: 0 });
    way.close();
    const values = (await stored('Humidity')).filter(([at]) => at >= '12:00').map(([, value]) => value);
    expect(values).toEqual(moments);
  });

  it('says what is missing or wrong', async () => {
    const file = join(home, 'short.csv');
    writeFileSync(file, 'when,value\n2026-01-01,1\n');
    chmodSync(file, 0o600);
    const target = ['--thing', thingId, '--metric', 'Temperature'];
    const cases = [
      { args: ['import', file, ...target], status: 2, says: '--key-file' },
      { args: ['import', join(home, 'absent.csv'), '--demo', ...target], status: 2, says: 'cannot be read' },
      { args: ['import', home, '--demo', ...target], status: 2, says: 'is a directory' },
      { args: ['import', file, '--demo', ...target], status: 2, says: '--timestamp-column' },
      { args: ['import', file, '--demo', ...target, '--timezone', 'Mars/Base'], status: 2, says: 'IANA' },
      { args: ['import', file, '--demo', ...target, '--batch', '1001'], status: 2, says: '1 to 1000' },
      {
        args: ['import', file, '--demo', '--thing', thingId, '--metric', 'Presure', '--timestamp-column', 'when'],
        status: 1,
        says: 'metric',
      },
    ];
    for (const { args, status, says } of cases) {
      const result = await runBulkhead(args, settings);
      expect(result.stderr).toContain(says);
      expect(result.status).toBe(status);
    }
  });
});
