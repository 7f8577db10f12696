import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { operatorIdentity } from '../../auth/identity.js';
import { packageRoot } from '../../db/package-root.js';
import { poolOf } from '../../db/pool.js';
import { createOrganization } from '../../domain/organization/create-organization.js';
import { retention } from '../../jobs/tasks/retention.js';
import { startWorker, type Worker } from '../../jobs/worker.js';
import type { WorkerConfiguration } from '../../jobs/worker-configuration.js';
import { connectAsProvisioner } from '../../telemetry/with-provisioner.js';
import { until } from '../support/bulkhead-process.js';
import { withTaskContext } from '../support/task-context.js';
import { testCluster } from '../support/test-cluster.js';
import { openTwoDatabases, type TwoDatabases } from '../support/two-databases.js';

let databases: TwoDatabases;
let configuration: WorkerConfiguration;

beforeAll(async () => {
  databases = await openTwoDatabases();
  const { passwords, port, contextKey } = testCluster();
  const { database: operational = '' } = poolOf(databases.operational).options;
  const { database: vault = '' } = poolOf(databases.vaultReader).options;
  const url = (role: keyof typeof passwords, database: string) =>
    `postgres://${role}:${passwords[role]}@127.0.0.1:${port}/${database}`;
  configuration = {
    operationalUrl: url('bulkhead_worker', operational),
    vaultUrl: url('bulkhead_vault_reader', vault),
    provisionerUrl: url('bulkhead_provisioner', operational),
    contextKey: Buffer.from(contextKey, 'hex'),
    rootKeys: databases.rootKeys,
    telemetryKey: databases.telemetryKey,
    auditKey: databases.auditKey,
    checkpoints: { directory: databases.checkpoints, everySeconds: 60 },
    ledgerDirectory: databases.ledger,
    deployment: databases.deployment,
    exportDirectory: '/nowhere/exports',
    logLevel: 'silent',
  };
});
afterAll(() => databases.stop());

async function provisioned(orgId: string): Promise<{ database: string; failure: string | null } | undefined> {
  const [row] = await databases.admin.operational`
    select database_name as database, failure, state from platform.telemetry_databases where org_id = ${orgId}`;
  return row?.['state'] === 'READY' ? { database: row['database'], failure: row['failure'] } : undefined;
}

async function audited(orgId: string, action: string): Promise<{ outcome: string; change: unknown }[]> {
  const rows = await databases.admin.operational`
    select outcome, change from audit.entries where org_id = ${orgId} and action = ${action} order by at`;
  return rows.map((row) => ({ outcome: row['outcome'], change: JSON.parse(row['change']) }));
}

describe('provisioning', () => {
  it('is finished however often the worker is killed, with everything there once', async () => {
    const orgIds = [];
    for (let count = 0; count < 4; count += 1) orgIds.push(await databases.newOrganization());
    for (const lifeMs of [250, 300, 350, 400, 450]) {
      const child = fork(join(packageRoot, 'dist', 'server', 'worker-process.js'), [], {
        serialization: 'advanced',
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      child.send({ type: 'start', configuration });
      await delay(lifeMs);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const worker = await startWorker(configuration);
    try {
      for (const orgId of orgIds) {
        const { database, failure } = await until('a telemetry database', () => provisioned(orgId));
        expect(failure).toBeNull();
        const owner = connectAsProvisioner(configuration.provisionerUrl, database);
        expect(await owner`select from telemetry.readings`).toHaveLength(0);
        await owner.end();
        const keys = await databases.admin.vault`select from vault.organization_keys where org_id = ${orgId}`;
        expect(keys).toHaveLength(1);
        const outcomes = (await audited(orgId, 'provisionTelemetry')).map(({ outcome }) => outcome);
        expect(outcomes.at(0)).toBe('INTENDED');
        expect(outcomes.filter((outcome) => outcome === 'SUCCEEDED')).toEqual(['SUCCEEDED']);
      }
    } finally {
      await worker.close();
    }
  });

  it('comes once, also with several workers', async () => {
    const workers: Worker[] = await Promise.all([startWorker(configuration), startWorker(configuration)]);
    try {
      await until('both to listen', async () => {
        const [row] = await databases.admin.operational`
          select count(*)::int as count from pg_stat_activity where datname = current_database() and query like 'LISTEN "jobs:insert"%'`;
        return row?.['count'] === 2 ? true : undefined;
      });
      const orgId = await databases.newOrganization();
      await until('a telemetry database', () => provisioned(orgId));
      expect((await audited(orgId, 'provisionTelemetry')).map(({ outcome }) => outcome)).toEqual([
        'INTENDED',
        'SUCCEEDED',
      ]);
    } finally {
      await Promise.all(workers.map((worker) => worker.close()));
    }
  });

  it('records why it failed for one organization and goes on with the others', async () => {
    const identityFor = (id: string) => operatorIdentity(id, 'operator', 'test', null);
    const broken = await createOrganization(databases.operational, randomBytes(32), identityFor, 'Sealed otherwise');
    const sound = await databases.newOrganization();
    const worker = await startWorker(configuration);
    try {
      await until('a telemetry database', () => provisioned(sound));
      const entries = await until('a failure', async () => {
        const found = await audited(broken, 'provisionTelemetry');
        return found.length >= 2 ? found : undefined;
      });
      expect(entries[1]).toEqual({ outcome: 'FAILED', change: { reason: 'SealBroken' } });
      expect(await provisioned(broken)).toBeUndefined();
    } finally {
      await worker.close();
    }
    await databases.admin.operational`delete from platform.telemetry_databases where org_id = ${broken}`;
  });

  it('is refused to a role that row-level security does not bind', async () => {
    const adminUrl = testCluster().adminUrl.replace(/\/[^/]*$/, `/${poolOf(databases.operational).options.database}`);
    await expect(startWorker({ ...configuration, operationalUrl: adminUrl })).rejects.toThrow('is a superuser');
  });
});

describe('retention', () => {
  it('removes what has expired of each organization by its own retention, and says so in the audit log', async () => {
    const [kept = '', cut = ''] = await Promise.all([databases.newOrganization(), databases.newOrganization()]);
    await databases.admin.operational`update app.organizations set retention_days = 40 where org_id = ${cut}`;
    const worker = await startWorker(configuration);
    const places = [];
    for (const orgId of [kept, cut]) places.push(await until('a telemetry database', () => provisioned(orgId)));
    await worker.close();
    const owners = places.map(({ database }) => connectAsProvisioner(configuration.provisionerUrl, database));
    for (const owner of owners) {
      await owner`select telemetry.ensure_weeks(array(select now() - make_interval(days => d) from generate_series(0, 60) d))`;
      await owner`insert into telemetry.readings (thing_id, at, metric_id, int_value)
                  select gen_random_uuid(), now() - make_interval(days => d), 'mdef_x', d from generate_series(0, 60) d`;
    }

    for (let run = 0; run < 2; run += 1) {
      await withTaskContext({ workerConfiguration: configuration }, (context) => retention.run({}, context));
    }

    const ages = await Promise.all(
      owners.map(
        async (owner) => (await owner`select max(int_value)::int as oldest from telemetry.readings`)[0]?.['oldest'],
      ),
    );
    expect(ages).toEqual([60, 39]);
    expect(await audited(kept, 'removeExpiredTelemetry')).toEqual([]);
    const entries = await audited(cut, 'removeExpiredTelemetry');
    expect(entries.map(({ outcome }) => outcome)).toEqual(['INTENDED', 'SUCCEEDED']);
    expect(entries[0]?.change).toMatchObject({ retentionDays: 40, readings: 21 });
    const removed = entries[1]!.change as Record<string, number>;
    expect(removed['partitionsDropped']).toBeGreaterThanOrEqual(2);
    expect(removed['readingsDropped']! + removed['readingsDeleted']!).toBe(21);
    await Promise.all(owners.map((owner) => owner.end()));
  });
});

describe('rollups', () => {
  it('migrates telemetry databases that are behind, and rolls up each that can be', async () => {
    const orgIds = [await databases.newOrganization(), await databases.newOrganization()];
    const worker = await startWorker(configuration);
    const names: string[] = [];
    for (const orgId of orgIds) {
      names.push((await until('a telemetry database', () => provisioned(orgId))).database);
    }
    await worker.close();
    const [broken, behind] = names.map((name) => connectAsProvisioner(configuration.provisionerUrl, name));
    await broken!`update telemetry.migrations set digest = 'x'`;
    // As if the newest file had not run.
    await behind!`delete from telemetry.migrations where name = '0005_rollups.sql'`;
    await behind!`drop table telemetry.rollup_state, telemetry.rollup_days, telemetry.rollup_hours, telemetry.rollup_minutes`;
    await behind!`drop function telemetry.begin_write(uuid[])`;
    await behind!`create function telemetry.begin_ingest(things uuid[]) returns uuid[] language sql as 'select things'`;
    await behind!`select telemetry.ensure_weeks(array[now() - interval '1 day'])`;
    for (const table of ['readings', 'latest']) {
      await behind!`insert into ${behind!(`telemetry.${table}`)} (thing_id, metric_id, at, int_value)
                    values ('00000000-0000-4000-8000-000000000001', 'mdef_n', now() - interval '1 day', 1)`;
    }

    const second = await startWorker(configuration);
    try {
      const rolled = await until('rollups', async () => {
        const [present] = await behind!`select from pg_tables where tablename = 'rollup_hours'`;
        if (present === undefined) return undefined;
        const [open] =
          await behind!`select from telemetry.rollup_state where rolled < closing or closing = '-infinity'`;
        return open === undefined ? await behind!`select readings from telemetry.rollup_hours` : undefined;
      });
      expect(rolled.map((row) => ({ ...row }))).toEqual([{ readings: 1 }]);
      const [state] = await behind!`
        select closing > now() - interval '65 minutes' and closing <= now() - interval '5 minutes' as ok
        from telemetry.rollup_state`;
      expect(state).toEqual({ ok: true });
      const [role] = await behind!`
        select has_function_privilege(${names[1]!}, 'telemetry.begin_write(uuid[])', 'execute') as granted`;
      expect(role).toEqual({ granted: true });
    } finally {
      await second.close();
      await Promise.all([broken!.end(), behind!.end()]);
    }
  });
});
