import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import postgres from 'postgres';
import { readServerRecord } from '../../db/embedded/server-record.js';
import { startEmbeddedServer } from '../../db/embedded/start-embedded-server.js';
import type { OrganizationKeyRow, SealedSecretRow } from '../../db/tables/secrets.js';
import { readConfiguration } from '../../server/configuration.js';
import { knownDeploymentId } from '../../server/deployment-id.js';
import { keyFiles, readKeys } from '../../server/keys.js';
import { HeldKeys, type KeyVersions, keyIdOf } from '../../vault/held-keys.js';
import { rootKeyIdOf } from '../../vault/new-organization-key.js';
import { openSecret } from '../../vault/open-secret.js';
import { UnknownKey } from '../../vault/seal-broken.js';
import {
  type BulkheadProcess,
  childrenOf,
  runBulkhead,
  spawnBulkhead,
  startBulkheadProcess,
  temporaryHome,
  until,
} from '../support/bulkhead-process.js';
import { documentRequest, rawRequest } from '../support/raw-request.js';

// A whole deployment, of which a whole backup is restored.
jest.setTimeout(240_000);

const { home, remove } = temporaryHome();
const restored = temporaryHome();
const copies = mkdtempSync(join(tmpdir(), 'bulkhead-keys-'));
const configuration = readConfiguration({ BULKHEAD_HOME: home });
const secretValue = 'opened before and after';

let bulkhead: BulkheadProcess;
let apiKey: string;
/** The vault, and the operational database, as the superuser. */
let vault: postgres.Sql;
let operational: postgres.Sql;
/** A moment after the base backup and before any rotation. */
let beforeRotation: string;

/** No base backup by the clock comes between what is looked at: it is due in half a day. */
const settings = {
  BULKHEAD_HOME: home,
  BACKUP_TIME: new Date(Date.now() + 12 * 3_600_000).toISOString().slice(11, 16),
  BACKUP_ZONE: 'UTC',
};
const command = (...args: string[]) => runBulkhead(args, settings);

async function answerOf<T>(...args: string[]): Promise<T> {
  const { status, stdout, stderr } = await command(...args, '--json');
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

interface Base {
  readonly id: string;
}

interface Listed {
  readonly kind: string;
  readonly id: string;
  readonly state: string;
  readonly isSealing: boolean | null;
  readonly uses: Readonly<Record<string, number>>;
}

async function listed(kind: string): Promise<Listed[]> {
  return (await answerOf<Listed[]>('keys', 'list')).filter((key) => key.kind === kind);
}

async function ask(query: string, variables: object = {}) {
  const { status, text } = await rawRequest(bulkhead.url, documentRequest(apiKey, query, variables));
  expect([status, text]).toEqual([200, expect.not.stringContaining('"errors"')]);
  return JSON.parse(text).data;
}

const keyRows = (sql = vault) => sql<OrganizationKeyRow[]>`
  select org_id as "orgId", version, public_key as "publicKey", wrapped_private_key as "wrappedPrivateKey"
  from vault.organization_keys order by org_id`;

/** The secret as a process opens it that holds these root keys. */
async function opened(keys: KeyVersions, sql = vault): Promise<string> {
  const [secret] = await sql<SealedSecretRow[]>`
    select org_id as "orgId", integration_id as "integrationId", name, version, key_version as "keyVersion", sealed
    from vault.secrets`;
  const key = (await keyRows(sql)).find(({ orgId }) => orgId === secret!.orgId)!;
  return (await openSecret(new HeldKeys(keys), knownDeploymentId(home), secret!, key)).toString('utf8');
}

const connect = (port: number, password: string, database: string) =>
  postgres(`postgres://postgres:${password}@127.0.0.1:${port}/${database}`, { max: 1, onnotice: () => {} });

beforeAll(async () => {
  bulkhead = await startBulkheadProcess({ ...settings, PORT: '0' });
  const { port, password } = readServerRecord(home)!;
  vault = connect(port, password, 'bulkhead_vault');
  operational = connect(port, password, 'bulkhead');
  await answerOf('org', 'create', 'First');
  ({ apiKey } = await answerOf<{ apiKey: string }>('org', 'create', 'Second'));
  await until('three key pairs', async () => ((await keyRows()).length === 3 ? true : undefined));
  const { createIntegration } = await ask(
    'mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { id } }',
    { input: { name: 'Hook', direction: 'INGRESS', type: 'WEBHOOK' } },
  );
  await ask('mutation ($input: PutSecretInput!) { putSecret(input: $input) { version } }', {
    input: { integrationId: createIntegration.id, name: 'token', value: secretValue },
  });
  // The keys are noted by `start`, and which one it seals with by the worker.
  await until('the keys to be noted', async () => ((await listed('root'))[0]?.isSealing === true ? true : undefined));
  expect((await command('backup', 'now')).status).toBe(0);
  beforeRotation = (await operational`select clock_timestamp() as now`)[0]!['now'].toISOString();
});
afterAll(async () => {
  await Promise.all([vault?.end(), operational?.end()]);
  await bulkhead?.end('SIGTERM');
  remove();
  restored.remove();
  rmSync(copies, { recursive: true, force: true });
});

describe('keys list', () => {
  it('shows each key by its id, what depends on it, and nothing of the key', async () => {
    const { stdout } = await command('keys', 'list', '--json');
    const keys = JSON.parse(stdout) as Listed[];
    expect(keys.map(({ kind, state }) => [kind, state])).toEqual(
      ['root', 'backup', 'telemetry', 'context', 'audit'].map((kind) => [kind, 'CURRENT']),
    );
    const [root, backup] = keys;
    expect(root).toMatchObject({ isSealing: true, uses: { keyPairs: 3 } });
    expect(backup!.uses['objects']).toBeGreaterThan(2);
    expect(root!.id).toBe(keyIdOf(readKeys(configuration, 'root')[0]));
    const shown = stdout + (await command('keys', 'list')).stdout;
    expect(shown).toContain(root!.id);
    for (const file of readdirSync(join(home, 'keys'))) {
      const key = readFileSync(join(home, 'keys', file));
      for (const form of ['hex', 'base64', 'latin1'] as const)
        expect(shown).not.toContain(key.toString(form).slice(0, 12));
    }
  });

  it('is of kinds that cannot all be rotated', async () => {
    expect((await command('keys', 'rotate', 'telemetry')).stderr).toContain(
      'The telemetry key cannot be rotated by a command',
    );
    expect(await command('keys', 'rotate', 'other')).toMatchObject({ status: 2 });
    expect(await command('keys', 'rotate', 'root', '--copy-to', '')).toMatchObject({ status: 2 });
    const given = await runBulkhead(['keys', 'rotate', 'root'], {
      ...settings,
      ROOT_KEY: Buffer.alloc(32, 7).toString('base64'),
    });
    expect([given.status, given.stderr]).toEqual([2, expect.stringContaining('root.2.key')]);
    expect(keyFiles(configuration, 'root')).toHaveLength(1);
  });
});

describe('the rotation of the root key', () => {
  let old: string;

  it('goes on where a worker was killed between two organizations, while the gateway answers', async () => {
    old = keyIdOf(readKeys(configuration, 'root')[0]);
    const before = await keyRows();
    const last = before.at(-1)!.orgId;
    const rewrapped = async () => (await keyRows()).filter((row) => rootKeyIdOf(row) !== old).length;
    const { port, password } = readServerRecord(home)!;
    const other = connect(port, password, 'bulkhead_vault');
    const result = await other.begin(async (tx) => {
      await tx`select from vault.organization_keys where org_id = ${last} for update`;
      const run = spawnBulkhead(['keys', 'rotate', 'root', '--copy-to', copies, '--json'], settings, '');
      await until('two of three', async () => ((await rewrapped()) === 2 ? true : undefined));
      process.kill(childrenOf(bulkhead.child.pid!, 'worker-process')[0]!, 'SIGKILL');
      await ask('{ integrations(first: 1) { nodes { name } } }');
      return run;
    });
    await other.end();
    await until('all three', async () => ((await rewrapped()) === 3 ? true : undefined));
    await until('the answer', () => (result.stdout().includes('\n') ? true : undefined));
    expect(JSON.parse(result.stdout())).toMatchObject({ kind: 'root', retired: old, isTaken: true, keyPairs: 3 });
    expect((await keyRows()).map(({ publicKey }) => publicKey)).toEqual(before.map(({ publicKey }) => publicKey));
  });

  it('lets secrets of before be opened with the new key, and no longer with the old one', async () => {
    const [current, retired] = readKeys(configuration, 'root');
    expect(await opened([current])).toBe(secretValue);
    await expect(opened([retired!])).rejects.toThrow(UnknownKey);
    // The copy was empty: it has both, in this order.
    expect(readKeys(readConfiguration({ BULKHEAD_HOME: copies }), 'root')).toEqual([current, retired]);
  });

  it('is in the audit log of the deployment, by ids', async () => {
    // The worker says so at the end of each run that has wrapped any, the command when nothing is left to be done.
    const expected = ['rewrapKeys SUCCEEDED', 'rotateKey INTENDED', 'rotateKey SUCCEEDED'];
    const entries = await until('the entries', async () => {
      const found = await operational<{ what: string; change: string }[]>`
        select action || ' ' || outcome as what, change::text from audit.entries
        where action in ('rotateKey', 'rewrapKeys') order by at`;
      return expected.every((each) => found.some(({ what }) => what === each)) ? found : undefined;
    });
    expect(entries[0]).toMatchObject({ what: 'rotateKey INTENDED', change: expect.stringContaining(old) });
  });

  it('leaves a retired key that cannot be removed while a base backup from before needs it', async () => {
    // The worker notes it at the end of its run.
    const retired = await until('the old key to be unused', async () =>
      (await operational`select from platform.deployment_keys where id = ${old} and unused_at is not null`).length === 1
        ? (await listed('root')).find(({ id }) => id === old)
        : undefined,
    );
    expect(retired).toMatchObject({ state: 'RETIRED', isSealing: false, uses: { keyPairs: 0 } });
    expect(retired.uses['baseBackups']).toBeGreaterThan(0);
    const refused = await command('keys', 'remove', 'root', old);
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/[1-9]\d* base backups from before/)]);
    const elsewhere = { ...settings, BACKUP_DIRECTORY: join(copies, 'absent') };
    expect((await runBulkhead(['keys', 'remove', 'root', old], elsewhere)).stderr).toContain('is not there');
    const { id } = (await listed('root'))[0]!;
    expect(await command('keys', 'remove', 'root', id)).toMatchObject({ status: 2 });
  });

  it('is not begun while another command changes the keys', async () => {
    const files = keyFiles(configuration, 'root').length;
    await operational`select pg_advisory_lock(hashtextextended('bulkhead:job:keys', 0))`;
    try {
      expect((await command('keys', 'rotate', 'root')).stderr).toContain('is under way');
    } finally {
      await operational`select pg_advisory_unlock(hashtextextended('bulkhead:job:keys', 0))`;
    }
    expect(keyFiles(configuration, 'root')).toHaveLength(files);
  });
});

describe('the rotation of the backup key', () => {
  it('seals what is stored next with the new key, and leaves the old one to what is there', async () => {
    const { id, retired } = await answerOf<{ id: string; retired: string }>('keys', 'rotate', 'backup');
    const objectsOf = async () =>
      Object.fromEntries((await listed('backup')).map((key) => [key.id, key.uses['objects'] ?? 0]));
    await operational`select pg_switch_wal()`;
    const objects = await until('WAL of the new key', async () => {
      const found = await objectsOf();
      return (found[id] ?? 0) > 0 ? found : undefined;
    });
    expect(objects[retired]).toBeGreaterThan(2);
    const refused = await command('keys', 'remove', 'backup', retired);
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/is still needed \(\d+ objects\)/)]);
  });
});

describe('a moment before the rotations', () => {
  it('is restored with the key ring of today, which opens its secrets', async () => {
    rmSync(restored.home, { recursive: true });
    const made = await command('restore', '--to', beforeRotation, '--into', restored.home, '--json');
    expect([made.status, made.stderr]).toEqual([0, expect.stringContaining('From base backup')]);
    const server = await startEmbeddedServer({ home: restored.home });
    const sql = postgres(server.adminUrl('bulkhead_vault'), { max: 1, onnotice: () => {} });
    try {
      const ring = readKeys(readConfiguration({ BULKHEAD_HOME: restored.home }), 'root');
      expect(ring).toEqual(readKeys(configuration, 'root'));
      expect((await keyRows(sql)).map(rootKeyIdOf)).toEqual(Array(3).fill(keyIdOf(ring[1]!)));
      expect(await opened(ring, sql)).toBe(secretValue);
      await expect(opened([ring[0]], sql)).rejects.toThrow(UnknownKey);
    } finally {
      await sql.end();
      await server.stop();
    }
  });
});

describe('a retired key that nothing needs', () => {
  it('is removed, and Bulkhead goes on without it', async () => {
    const [current, retired] = readKeys(configuration, 'root').map(keyIdOf);
    expect((await command('backup', 'now')).status).toBe(0);
    const removed = () => command('keys', 'remove', 'root', retired!);
    const older = (await operational`
      select id from platform.base_backups where outcome = 'COMPLETE' order by id desc offset 1`) as unknown as Base[];
    expect(older.length).toBeGreaterThan(0);
    const deployment = join(configuration.BACKUP_DIRECTORY, knownDeploymentId(home));
    for (const system of readdirSync(deployment))
      for (const { id } of older) rmSync(join(deployment, system, 'base', id), { recursive: true, force: true });
    // Whatever took them away was no rotation: this may be another repository than the one that they are in.
    const refused = await removed();
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('The repository lacks')]);
    await operational`update platform.base_backups set outcome = 'EXPIRED' where id = any (${older.map(({ id }) => id)})`;
    expect(await removed()).toMatchObject({ status: 0 });
    await until('one root key', async () => ((await listed('root')).length === 1 ? true : undefined));
    expect(keyFiles(configuration, 'root').map(({ key }) => keyIdOf(key))).toEqual([current]);
    expect(await opened(readKeys(configuration, 'root'))).toBe(secretValue);
  });
});
