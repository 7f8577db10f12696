import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyArchive } from '../../audit/archive/verify-archive.js';
import { auditSigner } from '../../audit/audit-key.js';
import { enterInLedger, readLedger } from '../../audit/ledger/ledger.js';
import { deploymentOrgId } from '../../auth/identity.js';
import { parseHistory } from '../../backups/wal/timeline-history.js';
import { withAdministrator } from '../../db/administrator.js';
import { closeDatabase, openDatabase, requireUnprivilegedRole } from '../../db/database.js';
import { clusterLocation } from '../../db/embedded/cluster-location.js';
import { startEmbeddedServer } from '../../db/embedded/start-embedded-server.js';
import { markUnfinished, unfinishedMark } from '../../db/embedded/unfinished-home.js';
import { copySegments } from '../../jobs/copy-segments.js';
import { issueCheckpoint } from '../../jobs/issue-checkpoint.js';
import { sealEntries } from '../../jobs/seal-entries.js';
import type { TaskContext } from '../../jobs/task.js';
import { chooseSource } from '../../recovery/cluster/choose-source.js';
import type { RecoveredCluster } from '../../recovery/cluster/recover-cluster.js';
import { removeLeftScratch } from '../../recovery/remove-left-scratch.js';
import { withScratchCluster } from '../../recovery/with-scratch-cluster.js';
import { roleAddresses } from '../../server/database-address.js';
import { makeRolePasswords, readRolePasswords } from '../../server/role-credentials.js';
import { prepareDatabases } from '../../server/start/prepare-databases.js';
import { type BackedUpDeployment, startBackedUpDeployment } from '../support/backed-up-deployment.js';
import { runBulkhead, temporaryHome } from '../support/bulkhead-process.js';
import { withTaskContext } from '../support/task-context.js';

/** A row, and the clock of the server before and after its commit, in milliseconds. */
interface Marker {
  readonly id: number;
  readonly beforeMs: number;
  readonly afterMs: number;
}

let deployment: BackedUpDeployment;
const markers: Marker[] = [];
/** mulberry32, so that the instants are the same in each run. */
let seed = 20_261_122;
const restored = temporaryHome();

beforeAll(async () => {
  deployment = await startBackedUpDeployment();
  const { admin } = deployment;
  await admin`create table public.markers (id integer primary key, filling text)`;
  for (let part = 0; part < 3; part += 1) {
    if (part !== 1) await deployment.takeBase();
    for (let each = 0; each < 8; each += 1) await mark(part * 8 + each);
    await deployment.archive();
  }
});
afterAll(async () => {
  await deployment?.remove();
  restored.remove();
});

async function mark(id: number): Promise<void> {
  const clock = async () => {
    // A commit needs a moment of its own: instants are to the millisecond.
    const [row] = await deployment.admin<{ ms: string }[]>`
      select (extract(epoch from clock_timestamp()) * 1000)::text as ms from pg_sleep(0.01)`;
    return Number(row?.ms);
  };
  const beforeMs = await clock();
  await deployment.admin`insert into public.markers values (${id}, repeat('x', 1000))`;
  markers.push({ id, beforeMs, afterMs: await clock() });
}

function random(): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}

async function atScratch<T>(
  to: Date,
  work: (cluster: RecoveredCluster) => Promise<T>,
  { signal } = new AbortController(),
): Promise<T> {
  const { repository, home } = deployment;
  const { dataDirectory, cacheDirectory } = clusterLocation(home);
  const source = await chooseSource(repository, to);
  const place = { source, beside: dataDirectory, binDirectory: undefined, cacheDirectory, signal };
  return withScratchCluster({ ...place, onProgress: () => {} }, work);
}

async function idsAt(to: Date): Promise<number[]> {
  return atScratch(to, async (cluster) => {
    const sql = cluster.connect('bulkhead');
    const rows = await sql<{ id: number }[]>`select id from public.markers order by id`;
    const [own] = await sql<{ history: string }[]>`select pg_read_file('pg_wal/00000002.history') as history`;
    // The first commit that it left out is of after the moment.
    expect(parseHistory(Buffer.from(own!.history))[0]!.leftAt!.getTime()).toBeGreaterThanOrEqual(to.getTime());
    await sql.end();
    return rows.map(({ id }) => id);
  });
}

describe('five random instants', () => {
  it('have every row of before, and none of after', async () => {
    const [first, last] = [markers[0]!, markers.at(-1)!];
    for (let each = 0; each < 5; each += 1) {
      let at = 0;
      do at = Math.floor(first.afterMs + random() * (last.beforeMs - first.afterMs));
      while (markers.some(({ beforeMs, afterMs }) => at >= Math.floor(beforeMs) && at <= afterMs));
      const expected = markers.filter(({ afterMs }) => afterMs < at).map(({ id }) => id);
      expect(await idsAt(new Date(at))).toEqual(expected);
    }
  });
});

describe('a recovery aside', () => {
  const to = () => new Date(Math.floor(markers.at(-1)?.beforeMs ?? 0));
  const beside = () => clusterLocation(deployment.home).dataDirectory;
  /** Its directory; those of other deployments may lie beside it. */
  let folder = '';
  const slow = async (cluster: RecoveredCluster, meanwhile: () => unknown) => {
    const sql = cluster.connect('bulkhead');
    const [row] = await sql<{ data: string }[]>`select current_setting('data_directory') as data`;
    folder = dirname(row?.data ?? '');
    expect(readdirSync(folder)).toContain('data');
    const ended = expect(sql`select pg_sleep(120)`.execute()).rejects.toThrow();
    await meanwhile();
    await ended;
    await sql.end({ timeout: 1 });
  };

  it('ends at once when it is stopped, and leaves nothing', async () => {
    const stopping = new AbortController();
    await atScratch(to(), (cluster) => slow(cluster, () => stopping.abort()), stopping);
    expect(existsSync(folder)).toBe(false);
    await expect(atScratch(to(), async () => {}, stopping)).rejects.toThrow('aborted');
  });

  it('is ended and removed by the next one when its process was killed', async () => {
    await atScratch(to(), async (cluster) => {
      await slow(cluster, async () => {
        await removeLeftScratch(beside());
        expect(existsSync(folder)).toBe(true);
        // As of a process that is gone.
        writeFileSync(join(folder, 'bulkhead.pid'), '2147483647\n1\n');
        await removeLeftScratch(beside());
        expect(existsSync(folder)).toBe(false);
      });
    });
  });
});

describe('a repository in which a byte was changed', () => {
  /** Changes the last byte of an object while `work` runs. */
  async function damaged(name: RegExp, work: () => Promise<unknown>): Promise<unknown> {
    const { place } = deployment.repository;
    const path = join(
      place,
      readdirSync(place, { recursive: true })
        .map(String)
        .sort()
        .find((one) => name.test(one)) ?? '',
    );
    const whole = readFileSync(path);
    const changed = Buffer.from(whole);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    rmSync(path);
    writeFileSync(path, changed);
    try {
      return await work().catch((error: unknown) => error);
    } finally {
      rmSync(path);
      writeFileSync(path, whole);
    }
  }

  it('restores nothing: an end of the WAL too early would look like success', async () => {
    const to = new Date(Math.floor(markers.at(-1)?.beforeMs ?? 0));
    const { base } = await chooseSource(deployment.repository, to);
    const wal = await damaged(new RegExp(`/wal/.*${base.stopWal}$`), () => idsAt(to));
    expect(String(wal)).toContain(`${base.stopWal} does not open`);
    const part = await damaged(new RegExp(`${base.id}/base.tar/000002$`), () => idsAt(to));
    expect(String(part)).toContain('base.tar/000002 does not open');
  });
});

describe('a WAL archive with a gap', () => {
  it('is not taken for one that ends there: the file and the moments before it are named', async () => {
    const { repository } = deployment;
    await mark(24);
    await deployment.archive();
    const { base, catalogue } = await chooseSource(repository, undefined);
    const later = [...catalogue.wal.keys()].sort().filter((file) => file > base.stopWal);
    const [gone = ''] = later;
    const path = join(repository.place, deployment.deployment, catalogue.system, 'wal', gone.slice(0, 8), gone);
    const content = readFileSync(path);
    const source = await chooseSource(repository, undefined);
    rmSync(path);
    try {
      const { dataDirectory, cacheDirectory } = clusterLocation(deployment.home);
      const { signal } = new AbortController();
      const place = { source, beside: dataDirectory, binDirectory: undefined, cacheDirectory, signal };
      await expect(withScratchCluster({ ...place, onProgress: () => {} }, async () => {})).rejects.toThrow(
        `${gone} was in the WAL archive`,
      );
      const named = new RegExp(`WAL file ${gone} is missing .* Give a moment from .* by --to`);
      await expect(chooseSource(repository, undefined)).rejects.toThrow(named);
    } finally {
      writeFileSync(path, content);
    }
  });
});

describe('bulkhead backup now', () => {
  it('says at once what to do where no backup process runs, and asks for nothing', async () => {
    const { admin, home } = deployment;
    const { status, stderr } = await runBulkhead(['backup', 'now'], { BULKHEAD_HOME: home });
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^No backup process runs.* Start Bulkhead with "npm start"/),
    ]);
    expect(await admin`select from graphile_worker._private_jobs`).toHaveLength(0);
  });
});

describe('moments that cannot be restored', () => {
  it('are refused with the window in words', async () => {
    const refused = (to: Date) => expect(chooseSource(deployment.repository, to)).rejects;
    await refused(new Date(Date.now() - 86_400_000)).toThrow(
      /is earlier than what can be restored: give a moment from/,
    );
    await refused(new Date(Date.now() + 86_400_000)).toThrow(/is later than what can be restored: give a moment from/);
  });
});

describe('bulkhead restore', () => {
  const settings = () => ({ BULKHEAD_HOME: restored.home, PORT: '0', LOG_LEVEL: 'silent' });
  const ledger = () => join(deployment.home, 'ledger');

  it('makes a home that is fenced until its ledger was replayed, and whose log then records the fork', async () => {
    const { admin, home, keys, deployment: id, configuration } = deployment;
    const key = auditSigner(keys.audit, id);
    const checkpoints = { directory: configuration.CHECKPOINT_DIRECTORY, everySeconds: 60 };
    await withWorker(deployment.addresses, checkpoints.directory, (context) => issueCheckpoint(context, key));
    await admin`insert into platform.operators (id, name, secret_hash) values ('operator0001', 'O', decode(repeat('00', 32), 'hex'))`;
    await deployment.archive();
    await admin`update platform.operators set revoked_at = now()`;
    enterInLedger(ledger(), key, [
      {
        event: 'OPERATOR_REVOKED',
        organization: deploymentOrgId,
        subject: 'operator0001',
        at: new Date().toISOString(),
      },
    ]);
    const into = ['restore', '--into', restored.home, '--json'];
    leaveKilledRestore(restored.home);
    const half = await runBulkhead(['start'], settings());
    expect([half.status, half.stderr]).toEqual([1, expect.stringContaining('was killed before its end')]);
    const made = await runBulkhead(into, { BULKHEAD_HOME: home });
    expect(made.stderr).toContain('this one begins anew');
    expect(made.stderr).toContain('From base backup');
    expect(readdirSync(restored.home)).not.toContain(unfinishedMark);
    expect(JSON.parse(made.stdout)).toMatchObject({ home: restored.home, isFenced: true, ledger: null });
    expect((await runBulkhead(into, { BULKHEAD_HOME: home })).stderr).toContain('is not empty');

    const refused = await runBulkhead(['start'], settings());
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('npx bulkhead ledger replay --ledger <directory>');
    expect((await runBulkhead(['ledger', 'replay'], settings())).stderr).toContain('There is no ledger');
    const server = await startEmbeddedServer({ home: restored.home });
    const { gateway: url } = roleAddresses(server.adminUrl('postgres'), readRolePasswords(home));
    const database = openDatabase({ url, contextKey: keys.context, applicationName: 'test' });
    await expect(requireUnprivilegedRole(database)).rejects.toThrow('is not permitted to log in');
    await server.stop();
    await closeDatabase(database);

    const replayed = await runBulkhead(['ledger', 'replay', '--ledger', ledger(), '--json'], settings());
    expect(JSON.parse(replayed.stdout)).toMatchObject({ operatorsRevoked: 1, ended: { jobs: expect.any(Number) } });
    // The restored home goes on with the ledger, and knows how far it is.
    const entries = readLedger(join(restored.home, 'ledger'));
    expect(entries).toEqual(readLedger(ledger()));
    const unfenced = await startEmbeddedServer({ home: restored.home });
    try {
      const passwords = makeRolePasswords(restored.home);
      await prepareDatabases(unfenced.adminUrl('postgres'), passwords, keys.context);
      const addresses = roleAddresses(unfenced.adminUrl('postgres'), passwords);
      const directory = join(restored.home, 'checkpoints');
      await withWorker(addresses, directory, async (context) => {
        await sealEntries(context, key, deploymentOrgId);
        await issueCheckpoint(context, key);
        await copySegments(context);
      });
      const archive = verifyArchive(directory, { key, notes: [], keepsHashes: false });
      expect(archive).toMatchObject({ generation: 2, forks: [{ after: { generation: 1, number: 1 } }] });
      const rows = await withAdministrator(
        unfenced.adminUrl('postgres'),
        'bulkhead',
        (sql) => sql`select action from audit.entries where action = 'replayLedger'`,
      );
      expect(rows).toHaveLength(1);
      const ends = await withAdministrator(
        unfenced.adminUrl('postgres'),
        'bulkhead',
        (sql) => sql`select number::int, sha256 from platform.ledger_ends`,
      );
      expect(ends).toEqual([{ number: entries.length, sha256: entries.at(-1)?.sha256 }]);
    } finally {
      await unfenced.stop();
    }
  });

  /** What a restore has left that was killed while its data directory was being made. */
  function leaveKilledRestore(home: string): void {
    const { dataDirectory } = clusterLocation(home);
    mkdirSync(join(`${dataDirectory}.new`, 'base'), { recursive: true });
    writeFileSync(join(home, 'bulkhead.pid'), '2147483647\n1\n');
    markUnfinished(home);
  }

  /** What a worker of one of the two deployments works with. */
  async function withWorker(
    addresses: BackedUpDeployment['addresses'],
    directory: string,
    work: (context: TaskContext) => Promise<unknown>,
  ): Promise<void> {
    const workerConfiguration = {
      ...deployment.workerConfiguration,
      operationalUrl: addresses.worker,
      vaultUrl: addresses.vaultReader,
      provisionerUrl: addresses.provisioner,
      checkpoints: { directory, everySeconds: 60 },
    };
    await withTaskContext({ workerConfiguration }, work);
  }
});
