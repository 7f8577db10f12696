import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auditSigner } from '../../audit/audit-key.js';
import { readCertificate } from '../../audit/ledger/deletion-certificate.js';
import { enterInLedger, readLedger } from '../../audit/ledger/ledger.js';
import { systemIdentity } from '../../auth/identity.js';
import { packageRoot } from '../../db/package-root.js';
import { poolOf } from '../../db/pool.js';
import { withOrg } from '../../db/with-org.js';
import { deleteOrganization as requestDeletion } from '../../domain/organization/delete-organization.js';
import { deletionSteps } from '../../domain/organization/deletion-step.js';
import { deleteOrganization } from '../../jobs/tasks/delete-organization.js';
import { findUnfinishedDeletions } from '../../jobs/tasks/find-unfinished-deletions.js';
import { provisionTelemetry } from '../../jobs/tasks/provision-telemetry.js';
import type { WorkerConfiguration } from '../../jobs/worker-configuration.js';
import type { DyingWorkerConfiguration } from '../support/deletion-process.js';
import { withTaskContext } from '../support/task-context.js';
import { testCluster } from '../support/test-cluster.js';
import { openTwoDatabases, type TwoDatabases } from '../support/two-databases.js';

let databases: TwoDatabases;
let workerConfiguration: WorkerConfiguration;

beforeAll(async () => {
  databases = await openTwoDatabases();
  const { passwords, port, contextKey } = testCluster();
  const { database: operational = '' } = poolOf(databases.operational).options;
  const { database: vault = '' } = poolOf(databases.vaultReader).options;
  const url = (role: keyof typeof passwords, database: string) =>
    `postgres://${role}:${passwords[role]}@127.0.0.1:${port}/${database}`;
  workerConfiguration = {
    operationalUrl: url('bulkhead_worker', operational),
    vaultUrl: url('bulkhead_vault_reader', vault),
    provisionerUrl: url('bulkhead_provisioner', operational),
    contextKey: Buffer.from(contextKey, 'hex'),
    rootKey: databases.rootKey,
    telemetryKey: databases.telemetryKey,
    auditKey: databases.auditKey,
    checkpoints: { directory: databases.checkpoints, everySeconds: 60 },
    ledgerDirectory: databases.ledger,
    exportDirectory: join(databases.checkpoints, 'exports'),
    deployment: databases.deployment,
    logLevel: 'silent',
  };
});
afterAll(() => databases?.stop());

/** An organization with telemetry, whose deletion was asked for. */
async function deleted(): Promise<string> {
  const orgId = await databases.newOrganization();
  await withTaskContext({ workerConfiguration }, (context) => provisionTelemetry.run({ orgId }, context));
  await withOrg(databases.operational, systemIdentity(orgId, 'test', 'test'), 'write', (tx) =>
    requestDeletion(tx, { confirmName: 'Test' }),
  );
  return orgId;
}

const finish = (orgId: string) =>
  withTaskContext({ workerConfiguration }, (context) => deleteOrganization.run({ orgId }, context));

async function stateOf(orgId: string) {
  const [row] = await databases.admin.operational`select * from platform.deletions where org_id = ${orgId}`;
  return row ?? {};
}

describe('a deletion', () => {
  it('goes on after a worker was killed at the end of each step, which is then done twice', async () => {
    const orgId = await deleted();
    const archives = join(workerConfiguration.exportDirectory, orgId);
    mkdirSync(archives, { recursive: true });
    writeFileSync(join(archives, 'half.age.part'), 'x');
    for (const step of deletionSteps) {
      const child = fork(join(packageRoot, 'dist', 'tests', 'support', 'deletion-process.js'), [], {
        serialization: 'advanced',
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      const configuration: DyingWorkerConfiguration = { ...workerConfiguration, orgId, diesAfter: step };
      child.send({ type: 'start', configuration });
      const [, signal] = await once(child, 'exit');
      expect(signal).toBe('SIGKILL');
      // The last step notes its own end.
      expect((await stateOf(orgId))['step']).toBe(step === 'CERTIFICATE' ? null : step);
    }
    await finish(orgId);
    const { completed_at, certificate } = await stateOf(orgId);
    expect(completed_at).not.toBeNull();
    const statement = readCertificate(certificate, auditSigner(databases.auditKey, databases.deployment));
    expect(statement.removed['ROWS']).toMatchObject({ 'app.organizations': 1, 'platform.organizations': 1 });
    expect(statement.removed['FILES']).toEqual({ archives: 1 });
    expect(existsSync(archives)).toBe(false);
    const events = readLedger(databases.ledger).filter(({ organization }) => organization === orgId);
    expect(events.map(({ event }) => event)).toEqual(['DELETION_BEGUN', 'DELETION_COMPLETED']);
  });

  it('goes back when something is left, and names it', async () => {
    const orgId = await deleted();
    const sql = databases.admin.operational;
    await sql`update platform.deletions set step = 'VERIFICATION' where org_id = ${orgId}`;
    await expect(finish(orgId)).rejects.toThrow('app.organizations');
    expect((await stateOf(orgId))['step']).toBe('JOBS');
    await finish(orgId);
    expect((await stateOf(orgId))['step']).toBeNull();
  });

  it('is refused a table that it cannot see into, and removes nothing before', async () => {
    const orgId = await deleted();
    const sql = databases.admin.operational;
    await sql.unsafe(`create table app.unseen (org_id uuid primary key); alter table app.unseen owner to bulkhead_owner;
      alter table app.unseen enable row level security; alter table app.unseen force row level security`);
    await sql`insert into app.unseen values (${orgId})`;
    await expect(finish(orgId)).rejects.toThrow('app.unseen has no policies for the deletion');
    expect((await sql`select from app.organizations where org_id = ${orgId}`).length).toBe(1);
    await sql`select platform.include_in_deletion('app.unseen')`;
    await finish(orgId);
    expect((await sql`select from app.unseen`).length).toBe(0);
    await sql`drop table app.unseen`;
  });

  it('that no job is at is found', async () => {
    const orgId = await deleted();
    const sql = databases.admin.operational;
    const jobs = async () =>
      (await sql`select from graphile_worker._private_jobs where payload->>'orgId' = ${orgId}`).length;
    await sql`delete from graphile_worker._private_jobs where payload->>'orgId' = ${orgId}`;
    await withTaskContext({ workerConfiguration }, (context) => findUnfinishedDeletions.run({}, context));
    expect(await jobs()).toBe(1);
    await finish(orgId);
  });

  it('is nobody else’s: its functions refuse other actors, and organizations that are not deleted', async () => {
    const orgId = await databases.newOrganization();
    await withTaskContext({ workerConfiguration }, async ({ operational, vault }) => {
      const refused = (part: string, database = operational) =>
        expect(
          withOrg(database, systemIdentity(orgId, part, 'test'), 'write', async (tx) => {
            if (database === vault) await tx.sql`select vault.delete_rows()`;
            else await tx.sql`select platform.delete_rows(10)`;
          }),
        ).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await refused('deletion');
      await refused('retention');
      await refused('retention', vault);
    });
    expect((await databases.admin.operational`select from app.organizations where org_id = ${orgId}`).length).toBe(1);
  });
});

describe('the ledger', () => {
  const fact = (organization: string) =>
    ({ event: 'DELETION_COMPLETED', organization, at: '2026-11-22T00:00:00.000Z' }) as const;

  it('enters a fact once, goes over a line that was never whole, and takes nothing on top of a changed one', () => {
    const directory = join(databases.ledger, 'another');
    const first = enterInLedger(directory, fact('a'));
    appendFileSync(join(directory, 'ledger.jsonl'), '{"number":2,"prev');
    expect(enterInLedger(directory, fact('a'))).toEqual(first);
    expect(enterInLedger(directory, fact('b'))).toMatchObject({ number: 2, previous: first.sha256 });
    const text = readFileSync(join(directory, 'ledger.jsonl'), 'utf8');
    writeFileSync(join(directory, 'ledger.jsonl'), text.replace('"a"', '"c"'));
    expect(() => enterInLedger(directory, fact('d'))).toThrow('line 2 of the ledger');
  });
});
