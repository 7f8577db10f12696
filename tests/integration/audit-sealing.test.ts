import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';
import { appendAudit } from '../../audit/append-audit.js';
import { newestPlace, writeSegment } from '../../audit/archive/archive-directory.js';
import { ArchiveFault } from '../../audit/archive/archive-fault.js';
import { type VerifiedArchive, verifyArchive } from '../../audit/archive/verify-archive.js';
import { auditSigner } from '../../audit/audit-key.js';
import { systemIdentity } from '../../auth/identity.js';
import { grantDatabase } from '../../db/cluster.js';
import { packageRoot } from '../../db/package-root.js';
import { poolOf } from '../../db/pool.js';
import { withOrg } from '../../db/with-org.js';
import { compareWithArchive } from '../../domain/audit/compare-with-archive.js';
import { startWorker } from '../../jobs/worker.js';
import type { WorkerConfiguration } from '../../jobs/worker-configuration.js';
import { until } from '../support/bulkhead-process.js';
import { testCluster } from '../support/test-cluster.js';
import { openTwoDatabases, type TwoDatabases } from '../support/two-databases.js';

let directory: string;
let auditKey: Buffer;
let databases: TwoDatabases;
let configuration: WorkerConfiguration;
let operationalName: string;

beforeAll(async () => {
  databases = await openTwoDatabases();
  directory = databases.checkpoints;
  auditKey = databases.auditKey;
  operationalName = poolOf(databases.operational).options.database;
  configuration = configurationOf(operationalName);
});
afterAll(() => databases.stop());

function configurationOf(operational: string): WorkerConfiguration {
  const { passwords, port, contextKey } = testCluster();
  const url = (role: keyof typeof passwords, database: string) =>
    `postgres://${role}:${passwords[role]}@127.0.0.1:${port}/${database}`;
  return {
    operationalUrl: url('bulkhead_worker', operational),
    vaultUrl: url('bulkhead_vault_reader', poolOf(databases.vaultReader).options.database),
    provisionerUrl: url('bulkhead_provisioner', operational),
    contextKey: Buffer.from(contextKey, 'hex'),
    rootKeys: databases.rootKeys,
    telemetryKey: databases.telemetryKey,
    auditKey,
    checkpoints: { directory, everySeconds: 1 },
    ledgerDirectory: databases.ledger,
    deployment: databases.deployment,
    exportDirectory: '/nowhere/exports',
    logLevel: 'silent',
  };
}

const signer = () => auditSigner(auditKey, databases.deployment);

/** Appends entries of one organization in a transaction of their own each. */
async function append(orgId: string, action: string, change: unknown = {}): Promise<void> {
  const identity = systemIdentity(orgId, 'test', 'request');
  await withOrg(databases.operational, identity, 'write', (tx) =>
    appendAudit(tx, { action, resource: `ORGANIZATION/${orgId}`, outcome: 'SUCCEEDED', change }),
  );
}

/** Waits until nothing waits to be sealed, and all that is sealed is in the directory. */
async function settled(): Promise<VerifiedArchive> {
  const admin = databases.admin.operational;
  return until('everything to be sealed and copied', async () => {
    const [open] = await admin`
      select 1 from platform.unsealed_entries union all
      select 1 from audit.trees where size > head_size and org_id <> 'ffffffff-ffff-ffff-ffff-ffffffffffff' limit 1`;
    const [last] = await admin`
      select generation, number::int as number from platform.checkpoints order by generation desc, number desc limit 1`;
    const newest = newestPlace(directory);
    if (open !== undefined || last === undefined || last['number'] !== newest?.number) return undefined;
    return last['generation'] === newest?.generation ? verify() : undefined;
  });
}

const verify = () => verifyArchive(directory, { key: signer(), notes: [], keepsHashes: true });
const compare = (archive: VerifiedArchive) => compareWithArchive(databases.operational, signer(), archive);

async function faultOf(work: () => Promise<unknown>) {
  try {
    await work();
  } catch (error) {
    if (error instanceof ArchiveFault) return { reason: error.message, ...error.place };
    throw error;
  }
  return undefined;
}

describe('the sequencer', () => {
  it('seals every entry of 200 writers once, while workers are killed', async () => {
    const orgIds = [await databases.newOrganization(), await databases.newOrganization()];
    let isWriting = true;
    const killing = (async () => {
      while (isWriting) {
        // Two at a time: one of them seals, the other takes over.
        const children = [0, 1].map(() => {
          const child = fork(join(packageRoot, 'dist', 'server', 'worker-process.js'), [], {
            serialization: 'advanced',
            execArgv: [],
            stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
          });
          child.send({ type: 'start', configuration });
          return child;
        });
        const before = newestPlace(directory)?.number ?? 0;
        await until('a checkpoint', () => ((newestPlace(directory)?.number ?? 0) > before ? true : undefined));
        for (const child of children) {
          child.kill('SIGKILL');
          await once(child, 'exit');
        }
      }
    })();
    // Forty at a time: who has waited for a connection for ten seconds is refused.
    for (let first = 0; first < 200; first += 40) {
      await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          const writer = first + index;
          for (let count = 0; count < 2; count += 1) await append(orgIds[writer % 2]!, `writer${writer}`, { count });
        }),
      );
    }
    isWriting = false;
    await killing;

    const worker = await startWorker(configuration);
    await until('provisioning', async () => {
      const waiting = await databases.admin.operational`
        select from platform.telemetry_databases where state <> 'READY'`;
      return waiting.length === 0 ? true : undefined;
    });
    const archive = await settled();
    await worker.close();
    const [counted] = await databases.admin.operational`select count(*)::int as count from audit.entries`;
    expect(counted?.['count']).toBeGreaterThan(400);
    const entries = [...archive.state.organizations.values()].reduce((sum, { tree }) => sum + tree.size, 0);
    expect(entries).toBe(counted?.['count']);
    expect(await compare(verify())).toBe(entries);
    expect(archive.forks).toEqual([]);
  });

  it('skips no entry that is committed after later ones were sealed', async () => {
    const orgId = await databases.newOrganization();
    const worker = await startWorker(configuration);
    const identity = systemIdentity(orgId, 'test', 'request');
    const entry = { resource: `ORGANIZATION/${orgId}`, outcome: 'SUCCEEDED', change: {} } as const;
    const sealed = async (action: string) => {
      const rows = await databases.admin.operational`
        select leaf_index::int as index from audit.leaves l join audit.entries e on e.org_id = l.org_id and e.id = l.entry_id
        where l.org_id = ${orgId} and e.action = ${action}`;
      return rows[0]?.['index'] as number | undefined;
    };
    const index = await withOrg(databases.operational, identity, 'write', async (tx) => {
      await appendAudit(tx, { action: 'early', ...entry });
      await append(orgId, 'late');
      return until('the later one to be sealed', () => sealed('late'));
    });
    expect(await until('the earlier one to be sealed', () => sealed('early'))).toBeGreaterThan(index);
    await compare(await settled());
    await worker.close();
  });

  it('goes on while the directory for its copies is none', async () => {
    const file = join(databases.ledger, 'no-directory');
    writeFileSync(file, '');
    const worker = await startWorker({ ...configuration, checkpoints: { directory: file, everySeconds: 1 } });
    const orgId = await databases.newOrganization();
    await append(orgId, 'unharmed');
    const admin = databases.admin.operational;
    await until('a checkpoint over it, and word of the directory', async () => {
      const [found] = await admin`
        select from audit.trees t where t.org_id = ${orgId} and t.head_size = t.size and t.size > 0
          and exists (select from audit.entries e where e.org_id = t.org_id and e.action = 'unharmed')
          and not exists (select from platform.unsealed_entries u where u.org_id = t.org_id)
          and exists (select from platform.checkpoint_copies c where c.destination like '%no-directory' and c.failure is not null)`;
      return found;
    });
    await worker.close();
  });

  it('signs a checkpoint also when nothing has changed', async () => {
    const worker = await startWorker(configuration);
    const { state } = await settled();
    const later = await until('two more checkpoints', async () => {
      const archive = await settled();
      return archive.state.number > state.number + 1 ? archive : undefined;
    });
    await worker.close();
    expect(later.state.log.size).toBeGreaterThan(state.log.size);
    expect(later.state.at! > state.at!).toBe(true);
  });

  it('writes segments once, for its own user to read', () => {
    const place = newestPlace(directory)!;
    const folder = join(directory, '1', readdirSync(join(directory, '1'))[0]!);
    const [file] = readdirSync(folder);
    expect(statSync(join(folder, file!)).mode & 0o777).toBe(0o400);
    expect(writeSegment(directory, place, 'something else')).toBe('conflict');
    expect(readdirSync(folder).filter((name) => !/^\d{9}\.segment$/.test(name))).toEqual([]);
    verify();
  });
});

describe('what the superuser does in the database', () => {
  let orgId: string;
  let archive: VerifiedArchive;

  beforeAll(async () => {
    orgId = await databases.newOrganization();
    for (let count = 0; count < 8; count += 1) await append(orgId, `action${count}`, { count });
    const worker = await startWorker(configuration);
    archive = await settled();
    await worker.close();
    archive = verify();
  });

  const ownId = 'select entry_id from audit.leaves where org_id = $1 and leaf_index = $2';
  const cases: readonly (readonly [string, string, number, string])[] = [
    [
      'an edit',
      `update audit.entries set action = 'x' where id = (${ownId})`,
      4,
      'edited in the database after it was sealed: action',
    ],
    [
      'an edit of the change',
      `update audit.entries set change = '{}' where id = (${ownId})`,
      4,
      'change or clientAddress',
    ],
    ['another moment', `update audit.entries set at = at - interval '1 day' where id = (${ownId})`, 4, ': at'],
    ['a deletion', `delete from audit.entries where id = (${ownId})`, 4, 'deleted after it was sealed'],
    [
      'a deletion with its leaf',
      `with gone as (delete from audit.entries where id = (${ownId})) delete from audit.leaves where org_id = $1 and leaf_index = $2`,
      4,
      'its leaf was deleted',
    ],
    [
      'a deletion of the tail',
      'with gone as (delete from audit.leaves where org_id = $1 and leaf_index >= $2 returning entry_id) delete from audit.entries where id in (select entry_id from gone)',
      4,
      'deleted from the tail',
    ],
    [
      'an edit of entry and leaf',
      `update audit.leaves set leaf = replace(leaf, '"action', '"Action') where org_id = $1 and leaf_index = $2`,
      4,
      'not the archived one',
    ],
  ];
  it.each(cases)('%s is found', async (_name, statement, index, reason) => {
    await expectFault(statement, [orgId, index], {
      organization: orgId,
      index,
      reason: expect.stringContaining(reason),
    });
  });

  it('an insertion around the log is found', async () => {
    await expectFault(
      `insert into audit.entries (org_id, at, actor_type, actor_id, action, resource, outcome, request_id, change)
       values ($1, now() - interval '1 day', 'SYSTEM', 'x', 'x', 'x', 'SUCCEEDED', 'x', '{}')`,
      [orgId],
      { organization: orgId, reason: expect.stringContaining('never sealed') },
    );
  });

  it('nothing of it: no fault', async () => {
    expect(await faultOf(() => compare(archive))).toBeUndefined();
  });

  /** Does it, looks, and puts everything back. */
  async function expectFault(statement: string, parameters: (string | number)[], fault: object): Promise<void> {
    const admin = databases.admin.operational;
    await admin`create table saved_entries as select * from audit.entries where org_id = ${orgId}`;
    await admin`create table saved_leaves as select * from audit.leaves where org_id = ${orgId}`;
    try {
      const changed = await admin.unsafe(`${statement} returning *`, parameters);
      expect(changed.length).toBeGreaterThan(0);
      expect(await faultOf(() => compare(archive))).toMatchObject(fault);
    } finally {
      await admin`delete from audit.entries where org_id = ${orgId}`;
      await admin`delete from audit.leaves where org_id = ${orgId}`;
      await admin`insert into audit.entries select * from saved_entries`;
      await admin`insert into audit.leaves select * from saved_leaves`;
      await admin`drop table saved_entries, saved_leaves`;
    }
  }
});

describe('roles', () => {
  const tables = ['entries', 'leaves', 'nodes', 'heads', 'trees'];
  const attempts = [
    ...tables.flatMap((table) => [
      `delete from audit.${table}`,
      `truncate audit.${table}`,
      `drop table audit.${table}`,
      `alter table audit.${table} disable trigger all`,
      `alter table audit.${table} disable row level security`,
    ]),
    'update audit.entries set at = now()',
    `update audit.leaves set leaf = ''`,
    `insert into audit.entries (org_id, at, actor_type, actor_id, action, resource, outcome, request_id, change)
     values (gen_random_uuid(), now() - interval '1 day', 'SYSTEM', 'x', 'x', 'x', 'SUCCEEDED', 'x', '{}')`,
    `select audit.append('x', 'x', 'SUCCEEDED', null, '{}')`,
    `set session_replication_role = replica`,
  ];

  it.each(['bulkhead_gateway', 'bulkhead_worker', 'bulkhead_owner'])(
    '%s cannot change what was written',
    async (role) => {
      const admin = databases.admin.operational;
      for (const attempt of attempts) {
        const fault = await admin
          .begin(async (tx) => {
            // The connection is the superuser's, whose rights to settings a role that is put on does not lose.
            await tx.unsafe(
              attempt.startsWith('set session') ? `set session authorization ${role}` : `set role ${role}`,
            );
            await tx.unsafe(attempt);
            return 'none';
          })
          .catch((error: { code: string }) => error.code);
        // 42501: not allowed; BH001: no context.
        expect([attempt, fault]).toEqual([attempt, expect.stringMatching(/^(42501|BH001)$/)]);
      }
    },
  );

  it('may only become the owner of the log knowingly', async () => {
    const [member] = await databases.admin.operational`
      select inherit_option as inherits from pg_auth_members
      where roleid = 'bulkhead_audit'::regrole and member = 'bulkhead_owner'::regrole and set_option`;
    expect(member).toEqual({ inherits: false });
  });
});

describe('a database that is put back in time', () => {
  it('is found behind its own checkpoints, and the fork is recorded', async () => {
    const cluster = postgres(testCluster().adminUrl, { max: 1, fetch_types: false, onnotice: () => {} });
    const copy = `${operationalName}_restored`;
    const orgId = await databases.newOrganization();
    const first = await startWorker(configuration);
    const before = await settled();
    await first.close();
    await cluster`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${operationalName}`;
    await cluster`create database ${cluster(copy)} template ${cluster(operationalName)} owner bulkhead_owner`;
    await grantDatabase(cluster, copy, ['bulkhead_worker', 'bulkhead_provisioner']);
    // Connections that were ended are noticed when they are used.
    await until('a connection', () =>
      append(orgId, 'lost').then(
        () => true,
        () => undefined,
      ),
    );
    for (let count = 0; count < 3; count += 1) await append(orgId, `lost${count}`);
    const second = await startWorker(configuration);
    const lost = await until('the entries that will be lost', async () => {
      const archive = await settled();
      const size = (each: VerifiedArchive) => each.state.organizations.get(orgId)?.tree.size ?? 0;
      return size(archive) >= size(before) + 3 ? archive : undefined;
    });
    await second.close();
    const newest = newestPlace(directory)!;
    expect(newest.number).toBeGreaterThanOrEqual(lost.state.number);

    const restored = await startWorker(configurationOf(copy));
    const recorded = await until('the fork', () => {
      const archive = newestPlace(directory)?.generation === 2 ? verify() : undefined;
      return archive?.forks.length === 1 ? archive : undefined;
    });
    await restored.close();
    const [recordedFork] = recorded.forks;
    expect(recordedFork?.generation).toBe(2);
    expect(recordedFork?.abandoned).toMatchObject(newest);
    expect(recordedFork?.after.generation).toBe(1);
    expect(recordedFork?.after.number).toBeLessThan(newest.number);
    await cluster`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${copy}`;
    await cluster`drop database ${cluster(copy)}`;
    await cluster.end();
    writeFileSync(join(directory, 'unrelated'), 'is passed over');
    verify();
  });
});
