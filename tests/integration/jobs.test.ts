import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createIdentity, deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { backupTasks } from '../../backups/backup-service.js';
import { closeDatabase, type Database, openDatabase } from '../../db/database.js';
import { packageRoot } from '../../db/package-root.js';
import { poolOf } from '../../db/pool.js';
import { withOrg } from '../../db/with-org.js';
import { awaitJob, requestJob } from '../../domain/job/run-job.js';
import { enqueueJob, type JobOptions } from '../../jobs/enqueue-job.js';
import type { JobPayload, Task, TaskContext } from '../../jobs/task.js';
import { cleanJobs } from '../../jobs/tasks/clean-jobs.js';
import { tasks } from '../../jobs/tasks.js';
import { startWorker } from '../../jobs/worker.js';
import type { WorkerConfiguration } from '../../jobs/worker-configuration.js';
import { drillTask } from '../../recovery/drill/drill-task.js';
import { until } from '../support/bulkhead-process.js';
import { testCluster } from '../support/test-cluster.js';
import { openTwoDatabases, type TwoDatabases } from '../support/two-databases.js';

const [orgA, orgB] = [randomUUID(), randomUUID()];

let databases: TwoDatabases;
let configuration: WorkerConfiguration;
/** The operational database as the worker. */
let asWorker: Database;

beforeAll(async () => {
  databases = await openTwoDatabases();
  const { passwords, port, contextKey } = testCluster();
  const nameOf = (database: Database) => poolOf(database).options.database;
  const url = (role: keyof typeof passwords, database: Database) =>
    `postgres://${role}:${passwords[role]}@127.0.0.1:${port}/${nameOf(database)}`;
  configuration = {
    operationalUrl: url('bulkhead_worker', databases.operational),
    vaultUrl: url('bulkhead_vault_reader', databases.vaultReader),
    provisionerUrl: url('bulkhead_provisioner', databases.operational),
    contextKey: Buffer.from(contextKey, 'hex'),
    rootKeys: databases.rootKeys,
    auditKey: databases.auditKey,
    checkpoints: { directory: databases.checkpoints, everySeconds: 60 },
    ledgerDirectory: databases.ledger,
    telemetryKey: databases.telemetryKey,
    deployment: databases.deployment,
    exportDirectory: '/nowhere/exports',
    logLevel: 'silent',
  };
  asWorker = openDatabase({
    url: configuration.operationalUrl,
    contextKey: configuration.contextKey,
    applicationName: 'test',
  });
  await databases.admin.operational`
    insert into platform.job_tasks (name, concerns, enqueued_by, max_attempts) values
      ('testRow', 'ROW', '{API_KEY}', 5), ('testTurns', 'ORGANIZATION', '{}', 5), ('testOnce', 'ROW', '{}', 1),
      ('testHang', 'ROW', '{}', 3)`;
});
afterAll(async () => {
  await closeDatabase(asWorker);
  await databases.stop();
});

/** Enqueues as the worker, for an organization. */
function enqueue(orgId: string, task: string, payload: JobPayload = {}, options: JobOptions = {}): Promise<string> {
  const identity = systemIdentity(orgId, 'test', 'test');
  return withOrg(asWorker, identity, 'write', (tx) => enqueueJob(tx, task, payload, options));
}

/** Enqueues as the gateway, for a key of an organization. */
function enqueueAsKey(orgId: string, task: string) {
  const actor = { type: 'API_KEY', id: 'Test00000000' } as const;
  const identity = createIdentity({
    orgId,
    actor,
    scopes: [],
    keyRevision: '1',
    requestId: 'test',
    clientAddress: null,
  });
  return withOrg(databases.operational, identity, 'write', (tx) => enqueueJob(tx, task));
}

function task(name: string, run: Task['run'], rest: Partial<Task> = {}): Task {
  return { name, concerns: 'ROW', maxAttempts: 5, run, ...rest };
}

async function withWorkers(registry: readonly Task[], count: number, work: () => Promise<void>): Promise<void> {
  const workers = await Promise.all(Array.from({ length: count }, () => startWorker(configuration, registry)));
  try {
    await work();
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
}

const runsOf = (jobId: string) =>
  databases.admin.operational<
    { attempt: number; outcome: string | null; reason: string | null; org_id: string | null }[]
  >`select attempt, outcome, reason, org_id from platform.job_runs where job_id = ${jobId} order by attempt`;

/** The runs of a job once one of them has ended as expected; one that succeeded has left the queue too. */
const ended = (jobId: string, outcome: string) =>
  until(`${outcome} of job ${jobId}`, async () => {
    const runs = await runsOf(jobId);
    if (!runs.some((run) => run.outcome === outcome)) return undefined;
    const left = await databases.admin.operational`select from graphile_worker._private_jobs where id = ${jobId}`;
    return outcome === 'SUCCEEDED' && left.length > 0 ? undefined : runs.map((run) => ({ ...run }));
  });

const queued = (task: string) => databases.admin.operational<{ payload: JobPayload }[]>`
  select payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
  where t.identifier = ${task} order by j.id`;

describe('the registry', () => {
  it('says what the database says', async () => {
    const rows = await databases.admin.operational`
      select name, concerns, max_attempts as "maxAttempts", is_movable as "isMovable" from platform.job_tasks where name not like 'test%' order by name`;
    const known = [...tasks, ...backupTasks, drillTask({} as never)].map(
      ({ name, concerns, maxAttempts, isMovable = false }) => ({
        name,
        concerns,
        maxAttempts,
        isMovable,
      }),
    );
    expect(known.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(rows.map((row) => ({ ...row })));
  });
});

describe('enqueueJob', () => {
  it('belongs to the transaction, and to its organization whatever the payload says', async () => {
    const identity = systemIdentity(orgA, 'test', 'test');
    const rolledBack = withOrg(asWorker, identity, 'write', async (tx) => {
      await enqueueJob(tx, 'testRow', {});
      throw new Error('never mind');
    });
    await expect(rolledBack).rejects.toThrow('never mind');
    expect(await queued('testRow')).toEqual([]);

    const seen: { payload: JobPayload; now: Date }[] = [];
    const rowId = randomUUID();
    const jobId = await enqueue(orgA, 'testRow', { orgId: orgB, rowId });
    await withWorkers([task('testRow', async (payload, { now }) => void seen.push({ payload, now }))], 1, async () => {
      expect(await ended(jobId, 'SUCCEEDED')).toEqual([
        { attempt: 1, outcome: 'SUCCEEDED', reason: null, org_id: orgA },
      ]);
    });
    expect(seen).toEqual([{ payload: { orgId: orgA, rowId }, now: expect.any(Date) }]);
    await until('an empty queue', async () => ((await queued('testRow')).length === 0 ? true : undefined));
  });

  it('takes ids, and no values', async () => {
    const canary = `CANARY-A-${randomUUID()}`;
    const refused: unknown[] = [
      { rowId: canary },
      { rowId: 'two words' },
      { rowId: 7 },
      { rowId: null },
      { rowId: { nestedId: 'x' } },
      { name: 'Boiler' },
      { [`${canary}Id`]: 'x' },
      { rowId: 'x'.repeat(41) },
    ];
    for (const payload of refused) {
      await expect(enqueue(orgA, 'testRow', payload as JobPayload)).rejects.toThrow('database failure 23514');
    }
    await expect(enqueue(orgA, 'testRow', {}, { jobKey: 'two words' })).rejects.toThrow('database failure 23514');
    const [trace] = await databases.admin.operational`
      select from graphile_worker._private_jobs j where j::text like '%CANARY%'
      union all select from graphile_worker._private_job_queues q where q::text like '%CANARY%'
      union all select from platform.job_runs r where r::text like '%CANARY%'`;
    expect(trace).toBeUndefined();
  });

  it('lets an actor ask a gateway for what is listed for it, in a write, and for nothing else', async () => {
    // The list says API_KEY; one that does not exist enters no context, so the system stands in for it below.
    await expect(enqueueAsKey(orgA, 'testRow')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const throughGateway = (name: string, purpose: 'read' | 'write') =>
      withOrg(databases.operational, systemIdentity(orgA, 'test', 'test'), purpose, (tx) => enqueueJob(tx, name, {}));
    await expect(throughGateway('testRow', 'write')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(throughGateway('provisionTelemetry', 'write')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(throughGateway('noSuchTask', 'write')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await databases.admin.operational`update platform.job_tasks set enqueued_by = '{SYSTEM}' where name = 'testRow'`;
    await expect(throughGateway('testRow', 'read')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await throughGateway('testRow', 'write');
    expect((await queued('testRow')).map((row) => row.payload)).toEqual([{ orgId: orgA }]);
    await databases.admin.operational`delete from graphile_worker._private_jobs`;
  });

  it('keeps the last of a key, and keys of organizations apart', async () => {
    const [first, second, other] = [randomUUID(), randomUUID(), randomUUID()];
    await enqueue(orgA, 'testRow', { rowId: first }, { jobKey: 'same' });
    await enqueue(orgB, 'testRow', { rowId: other }, { jobKey: 'same' });
    await enqueue(orgA, 'testRow', { rowId: second }, { jobKey: 'same' });
    const rows = (await queued('testRow')).map(({ payload }) => payload['rowId']);
    expect(rows.sort()).toEqual([second, other].sort());
    await databases.admin.operational`delete from graphile_worker._private_jobs`;
  });
});

describe('runs', () => {
  it('are tried again, and kept with a reason that quotes nothing when they have failed for good', async () => {
    const attempts: number[] = [];
    const failing = task('testRow', async () => {
      attempts.push(1);
      if (attempts.length === 1) throw new Error('duplicate key (name)=(CANARY)');
    });
    const hopeless = task('testOnce', async () => Promise.reject(new RangeError('CANARY')), { maxAttempts: 1 });
    const [again, forGood] = [await enqueue(orgA, 'testRow'), await enqueue(orgA, 'testOnce', { rowId: 'r1' })];
    await withWorkers([failing, hopeless], 1, async () => {
      expect(await ended(again, 'SUCCEEDED')).toMatchObject([
        { attempt: 1, outcome: 'FAILED', reason: 'Error' },
        { attempt: 2, outcome: 'SUCCEEDED' },
      ]);
      await ended(forGood, 'FAILED');
    });
    const asSystem = systemIdentity(deploymentOrgId, 'test', 'test');
    const failed = await withOrg(
      databases.operational,
      asSystem,
      'read',
      (tx) => tx.sql`
      select task, payload, attempts, reason from platform.list_failed_jobs(null, 10)`,
    );
    expect(failed.map((row) => ({ ...row, payload: JSON.parse(row['payload']) }))).toEqual([
      { task: 'testOnce', payload: { orgId: orgA, rowId: 'r1' }, attempts: 1, reason: 'RangeError' },
    ]);
    const [trace] = await databases.admin.operational`
      select from graphile_worker._private_jobs j where j::text like '%CANARY%'
      union all select from platform.job_runs r where r::text like '%CANARY%'`;
    expect(trace).toBeUndefined();
  });

  it('of an organization come one at a time across workers, and beside those of another', async () => {
    const running = new Map<string, number>();
    let most = 0;
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const turns: Task['run'] = async ({ orgId = '' }) => {
      running.set(orgId, (running.get(orgId) ?? 0) + 1);
      most = Math.max(most, ...running.values());
      await gate;
      running.set(orgId, (running.get(orgId) ?? 0) - 1);
    };
    const jobs: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      for (const orgId of [orgA, orgB]) jobs.push(await enqueue(orgId, 'testTurns'));
    }
    // Taken by a slot that finds nothing before it.
    const last = await enqueue(randomUUID(), 'testRow');
    await databases.admin.operational`update graphile_worker._private_jobs set priority = 200 where id = ${last}`;
    const registry = [task('testTurns', turns, { concerns: 'ORGANIZATION' }), task('testRow', async () => {})];
    await withWorkers(registry, 2, async () => {
      try {
        await ended(last, 'SUCCEEDED');
        await until('a turn of each', () => (running.size === 2 ? true : undefined));
        expect(most).toBe(1);
      } finally {
        go();
      }
      for (const jobId of jobs) await ended(jobId, 'SUCCEEDED');
      expect(most).toBe(1);
    });
  });

  it('of an organization with many do not hold up those of another', async () => {
    const order: string[] = [];
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const slow = task('testRow', async ({ orgId = '' }) => {
      order.push(orgId);
      await gate;
    });
    const many: string[] = [];
    for (let count = 0; count < 12; count += 1) many.push(await enqueue(orgA, 'testRow', { rowId: `r${count}` }));
    await withWorkers([slow], 1, async () => {
      let one = '';
      try {
        await until('its share', () => (order.length >= 2 ? true : undefined));
        one = await enqueue(orgB, 'testRow');
        await until('the other organization', () => (order.includes(orgB) ? true : undefined));
        // All others of the first wait: half of the slots are its share.
        expect(order).toEqual([orgA, orgA, orgB]);
      } finally {
        go();
      }
      await ended(one, 'SUCCEEDED');
      for (const jobId of many) await ended(jobId, 'SUCCEEDED');
    });
  });

  it('come the later, the more of their organization wait', async () => {
    for (const orgId of [orgA, orgA, orgA, orgB]) await enqueue(orgId, 'testRow');
    await enqueue(orgB, 'testRow', {}, { runAt: new Date(Date.now() + 60_000) });
    await enqueue(orgB, 'testRow');
    const rows = await databases.admin.operational`
      select priority from graphile_worker._private_jobs where is_available order by id`;
    // What is not due yet waits for nobody's turn.
    expect(rows.map((row) => row['priority'])).toEqual([0, 1, 2, 0, 1, 1]);
    await databases.admin.operational`delete from graphile_worker._private_jobs where is_available`;
  });

  it('that a stop interrupts are run again', async () => {
    const jobId = await enqueue(orgA, 'testRow');
    const waiting = async (_payload: JobPayload, { signal }: TaskContext) => {
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      signal.throwIfAborted();
    };
    await withWorkers([task('testRow', waiting)], 1, async () => {
      await until('a run', async () => ((await runsOf(jobId)).length > 0 ? true : undefined));
    });
    expect(await runsOf(jobId)).toMatchObject([{ outcome: 'INTERRUPTED', reason: 'its worker was stopped' }]);
    await withWorkers([task('testRow', async () => {})], 1, async () => {
      expect(await ended(jobId, 'SUCCEEDED')).toMatchObject([{ attempt: 1 }, { attempt: 2 }]);
    });
  });

  it('go on when all connections of the worker were cut', async () => {
    const admin = databases.admin.operational;
    await withWorkers([task('testRow', async () => {})], 1, async () => {
      await ended(await enqueue(orgA, 'testRow'), 'SUCCEEDED');
      const cut = await admin`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and usename = 'bulkhead_worker' and application_name = 'bulkhead worker'`;
      expect(cut.length).toBeGreaterThan(0);
      await ended(await enqueue(orgA, 'testRow'), 'SUCCEEDED');
      await until('a sign of life', async () => {
        const [row] = await admin`select from pg_locks where locktype = 'advisory' and database = (
          select oid from pg_database where datname = current_database())`;
        return row;
      });
    });
  });

  it('of a worker that was killed are taken up by another', async () => {
    const jobId = await enqueue(orgA, 'testHang');
    const child = fork(join(packageRoot, 'dist', 'tests', 'support', 'job-worker-process.js'), [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.send({ type: 'start', configuration });
    await until('a run', async () => ((await runsOf(jobId)).length > 0 ? true : undefined));
    await withWorkers([task('testHang', async () => {})], 1, async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await ended(jobId, 'SUCCEEDED')).toMatchObject([
        { attempt: 1, outcome: 'INTERRUPTED', reason: 'its worker ended' },
        { attempt: 2, outcome: 'SUCCEEDED' },
      ]);
    });
  });
});

describe('a run on demand', () => {
  const identity = systemIdentity(orgA, 'jobs run', 'test');
  const ask = (task: string, now?: Date) => requestJob(databases.operational, identity, task, now);

  it('is tried once, and waited for', async () => {
    const failing = task('testTurns', async () => Promise.reject(new RangeError('CANARY')), {
      concerns: 'ORGANIZATION',
    });
    const jobId = await ask('testTurns');
    expect(await awaitJob(databases.operational, identity, jobId, 0)).toEqual({ state: 'WAITING', run: null });
    await withWorkers([failing], 1, async () => {
      expect(await awaitJob(databases.operational, identity, jobId, 60_000)).toMatchObject({
        state: 'ENDED',
        run: { outcome: 'FAILED', reason: 'RangeError' },
      });
    });
    expect(await runsOf(jobId)).toHaveLength(1);
    await databases.admin.operational`delete from graphile_worker._private_jobs where id = ${jobId}`;
  });

  it('has the moment that it was given for its present', async () => {
    await expect(ask('testTurns', new Date('2030-01-01Z'))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(ask('testRow')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(ask('rollups')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await databases.admin.operational`update platform.job_tasks set is_movable = true where name = 'testTurns'`;
    const seen: Date[] = [];
    const look = task('testTurns', async (_payload, { now }) => void seen.push(now), { concerns: 'ORGANIZATION' });
    await withWorkers([look], 1, async () => {
      const ids = [await ask('testTurns', new Date('2030-01-01T00:00:00.5Z')), await ask('testTurns')];
      for (const jobId of ids) await awaitJob(databases.operational, identity, jobId, 60_000);
    });
    expect(seen[0]?.toISOString()).toBe('2030-01-01T00:00:00.500Z');
    expect(seen[1]?.getUTCFullYear()).toBeLessThan(2030);
  });
});

describe('cleanJobs', () => {
  let context: TaskContext;
  beforeAll(() => {
    context = { operational: asWorker, log: { info: () => {} } } as unknown as TaskContext;
  });

  it('keeps the newest 10,000 of each task that succeeded', async () => {
    const admin = databases.admin.operational;
    await admin`insert into platform.job_runs (job_id, attempt, task, worker, started_at, ended_at, outcome)
                select -n, 1, 'testOnce', 'test', now() - make_interval(secs => n), now(), 'SUCCEEDED'
                from generate_series(1, 10003) n`;
    await cleanJobs.run({}, { ...context, now: new Date() });
    const [kept] = await admin`
      select count(*)::int as count, min(job_id)::int as oldest from platform.job_runs where task = 'testOnce' and outcome = 'SUCCEEDED'`;
    expect({ ...kept }).toEqual({ count: 10_000, oldest: -10_000 });
    await admin`delete from platform.job_runs where job_id < 0`;
  });

  it('keeps what succeeded for 7 days and what failed for 30', async () => {
    const count = async () => {
      const [row] = await databases.admin.operational`
        select count(*) filter (where outcome = 'SUCCEEDED')::int as succeeded,
               count(*) filter (where outcome <> 'SUCCEEDED')::int as others,
               (select count(*)::int from graphile_worker._private_jobs) as failed from platform.job_runs`;
      return { ...row };
    };
    const before = await count();
    expect(before).toEqual({ succeeded: expect.any(Number), others: expect.any(Number), failed: 1 });
    const runAt = (days: number, seconds: number) =>
      cleanJobs.run({}, { ...context, now: new Date(Date.now() + days * 86_400_000 + seconds * 1000) });
    // The tests before this one took less than half an hour.
    await runAt(7, -1800);
    expect(await count()).toEqual(before);
    await runAt(7, 60);
    expect(await count()).toEqual({ ...before, succeeded: 0 });
    await runAt(30, -1800);
    expect(await count()).toEqual({ ...before, succeeded: 0 });
    await runAt(30, 60);
    expect(await count()).toEqual({ succeeded: 0, others: 0, failed: 0 });
  });
});
