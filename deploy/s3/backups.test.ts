import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { Bucket, type BucketAddress } from '../../bucket/bucket.js';
import {
  type BulkheadProcess,
  runBulkhead,
  startBulkheadProcess,
  temporaryHome,
  until,
} from '../../tests/support/bulkhead-process.js';
import { graphqlClient } from '../../tests/support/graphql-client.js';
import { ask, killStore, makeBucket, startStore } from './store.js';

// A whole deployment is backed up and restored.
jest.setTimeout(300_000);

const source = temporaryHome();
const restored = temporaryHome();
const copies = mkdtempSync(join(tmpdir(), 'bulkhead-copies-'));
let backups: BucketAddress;
let audit: BucketAddress;
let settings: Record<string, string>;
let bulkhead: BulkheadProcess;
const keys: Record<string, string> = {};
let between = '';

beforeAll(async () => {
  [backups, audit] = [await makeBucket('backups'), await makeBucket('audit')];
  settings = {
    BULKHEAD_HOME: source.home,
    PORT: '0',
    ...bucketSettings('BACKUP', backups),
    ...bucketSettings('CHECKPOINT', { ...audit, url: `${audit.url}/of/this/deployment` }),
    CHECKPOINT_SECONDS: '5',
  };
  bulkhead = await startBulkheadProcess(settings);
});
afterAll(async () => {
  if (bulkhead?.child.exitCode === null) await bulkhead.end('SIGTERM');
  for (const { remove } of [source, restored]) remove();
  rmSync(copies, { recursive: true });
});

function bucketSettings(prefix: string, { url, region, accessKeyId, secretAccessKey }: BucketAddress) {
  return {
    [`${prefix}_BUCKET_URL`]: url,
    [`${prefix}_BUCKET_REGION`]: region,
    [`${prefix}_BUCKET_KEY_ID`]: accessKeyId,
    [`${prefix}_BUCKET_SECRET`]: secretAccessKey,
  };
}

async function command(args: readonly string[]): Promise<ReturnType<typeof JSON.parse>> {
  const { status, stdout, stderr } = await runBulkhead([...args, '--json'], settings);
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  return JSON.parse(stdout);
}

async function createOrganization(name: string): Promise<void> {
  keys[name] = (await command(['org', 'create', name])).apiKey;
}

async function objectsOf(address: BucketAddress): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of new Bucket(address).list('')) found.push(key);
  return found;
}

it('base backups and WAL go into the bucket, as ciphertext', async () => {
  await createOrganization('Before');
  const base = await command(['backup', 'now']);
  expect(base.storedBytes).toBeGreaterThan(1_000_000);
  between = new Date(Date.now() + 1000).toISOString().slice(0, 19);
  // Moments of a restore are to the second.
  await until('the next second', () => (new Date().toISOString().slice(0, 19) > between ? true : undefined));
  await createOrganization('After');
  const objects = await objectsOf(backups);
  expect(objects).toContainEqual(expect.stringMatching(/\/base\/\d{8}T\d{6}Z\/description$/));
  expect(objects).toContainEqual(expect.stringMatching(/\/wal\//));
  for (const object of objects) {
    const content = await new Bucket(backups).get(object);
    expect(content?.subarray(0, 4).toString()).toBe('BHB2');
    expect(content?.includes('Before')).toBe(false);
  }
});

it('an outage of the store fails what is under way, with its reason, and nothing else', async () => {
  await killStore();
  const { status, stderr } = await runBulkhead(['backup', 'now'], settings);
  expect([status, stderr]).toEqual([1, expect.stringContaining('the bucket is not reached: ECONNREFUSED')]);
  await startStore();
  await command(['backup', 'now']);
  const { clusters } = await command(['backup', 'list']);
  expect(clusters).toEqual([expect.objectContaining({ gaps: [], damaged: [] })]);
  expect(clusters[0].bases.length).toBeGreaterThanOrEqual(2);
});

it('a drill reads and restores all of it', async () => {
  const { statement } = await command(['backup', 'drill']);
  expect(statement.findings.repository.bases).toBeGreaterThanOrEqual(2);
  expect(statement.findings.restored[0]).toMatchObject({ to: null });
});

it('copies of the audit log in the bucket are whole', async () => {
  for (const object of await objectsOf(audit)) {
    const file = join(copies, object.replace('of/this/deployment/', ''));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, (await new Bucket(audit).get(object)) ?? '');
  }
  const { status, stdout } = await runBulkhead(['audit', 'verify', '--dir', copies, '--json'], settings);
  expect([status, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ ok: true })]);
});

it('the newest moment and one before are restored from the bucket', async () => {
  await bulkhead.end('SIGTERM');
  const ledger = ['--ledger', join(source.home, 'ledger')];
  const answersOf = async (to: readonly string[]) => {
    await command(['restore', '--into', restored.home, ...to, ...ledger]);
    const own = await startBulkheadProcess({ BULKHEAD_HOME: restored.home, PORT: '0' });
    const statuses: number[] = [];
    for (const name of ['Before', 'After']) {
      statuses.push((await graphqlClient(own.url, keys[name] ?? '').send('{ me { keyId } }')).status);
    }
    await own.end('SIGTERM');
    restored.remove();
    return statuses;
  };
  expect(await answersOf([])).toEqual([200, 200]);
  expect(await answersOf(['--to', `${between}Z`])).toEqual([200, 401]);
});

it('one flipped byte in the bucket fails the drill, which names the object', async () => {
  bulkhead = await startBulkheadProcess(settings);
  const [object = ''] = (await objectsOf(backups)).filter((name) => name.includes('base.tar/'));
  const content = Buffer.from((await new Bucket(backups).get(object)) ?? '');
  content[content.length >> 1]! ^= 1;
  expect((await ask(`/backups/${object}`, { method: 'PUT', body: content })).status).toBe(200);
  const { status, stderr } = await runBulkhead(['backup', 'drill'], settings);
  expect([status, stderr]).toEqual([1, expect.stringContaining(`${object} does not open`)]);
});
