import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auditSigner } from '../../audit/audit-key.js';
import { readCertificate } from '../../audit/ledger/deletion-certificate.js';
import { enterInLedger, readLedger, readSignedLedger } from '../../audit/ledger/ledger.js';
import { systemIdentity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { packageRoot } from '../../db/package-root.js';
import { poolOf } from '../../db/pool.js';
import { withOrg } from '../../db/with-org.js';
import { deleteOrganization as requestDeletion } from '../../domain/organization/delete-organization.js';
import { deletionSteps } from '../../domain/organization/deletion-step.js';
import { keepLedger } from '../../jobs/ledger/ledger-keeping.js';
import { deleteOrganization } from '../../jobs/tasks/delete-organization.js';
import { findUnfinishedDeletions } from '../../jobs/tasks/find-unfinished-deletions.js';
import { provisionTelemetry } from '../../jobs/tasks/provision-telemetry.js';
import type { WorkerConfiguration } from '../../jobs/worker-configuration.js';
import { replayLedger } from '../../recovery/replay-ledger.js';
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
    rootKeys: databases.rootKeys,
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
    const signer = auditSigner(databases.auditKey, databases.deployment);
    const enter = (organization: string) => enterInLedger(directory, signer, [fact(organization)]).last;
    const first = enter('a');
    appendFileSync(join(directory, 'ledger.jsonl'), '{"number":3,"prev');
    expect(enter('a')).toEqual(first);
    expect(enter('b')).toMatchObject({ number: 3, previous: first.sha256 });
    expect(readSignedLedger(directory, signer).map(({ event }) => event)).toEqual([
      'LEDGER_BEGUN',
      'DELETION_COMPLETED',
      'DELETION_COMPLETED',
    ]);
    const text = readFileSync(join(directory, 'ledger.jsonl'), 'utf8');
    writeFileSync(join(directory, 'ledger.jsonl'), text.replace('"a"', '"c"'));
    expect(() => enter('d')).toThrow('line 3 of the ledger');
    const forged = text.replace('"b"', '"c"');
    writeFileSync(join(directory, 'ledger.jsonl'), forged);
    expect(() => readSignedLedger(directory, signer)).toThrow('Line 3 of the ledger was not signed');
    expect(() => readSignedLedger(directory, auditSigner(databases.auditKey, 'other'))).toThrow('another deployment');
  });

  it('learns what was revoked, each once, and a replay ends it again in a database that has forgotten', async () => {
    const orgId = await databases.newOrganization();
    const { operational: sql, vault } = databases.admin;
    const integration = randomUUID();
    await sql`insert into app.api_keys (org_id, id, type, name, scopes, created_by)
              select ${orgId}::uuid, k, 'ADMIN', 'key', '["x"]', 'test' from unnest('{abcdefgh0001,abcdefgh0002}'::text[]) k`;
    await sql`insert into app.api_key_secrets (org_id, key_id, id, secret_hash)
              values (${orgId}, 'abcdefgh0002', ${integration}, decode(repeat('00', 32), 'hex'))`;
    await sql`insert into platform.operators (id, name, secret_hash) values ('operator0001', 'O', decode(repeat('00', 32), 'hex'))`;
    await vault`insert into vault.organization_keys values (${orgId}, 1, '', '', now())`;
    for (const name of ['replaced', 'deleted', 'kept']) {
      await vault`insert into vault.secrets (org_id, integration_id, name, version, key_version, sealed, created_at, created_by)
                  values (${orgId}, ${integration}, ${name}, 1, 1, '', now() - interval '1 minute', 'test')`;
    }
    await sql`update app.api_keys set revoked_at = now(), revoked_by = 'test' where id = 'abcdefgh0001'`;
    await sql`update app.api_key_secrets set valid_until = now() where key_id = 'abcdefgh0002'`;
    await sql`update platform.operators set revoked_at = now()`;
    await vault`update vault.secrets set sealed = 'x', version = 2, updated_at = now() where name = 'replaced'`;
    await vault`delete from vault.secrets where name = 'deleted'`;
    const facts = () => readLedger(databases.ledger).filter(({ event }) => /REVOKED|ENDED/.test(event));
    const keep = () => withTaskContext({ workerConfiguration }, keepLedger);
    await sql`create temp table waiting as select * from platform.unledgered`;
    expect(await keep()).toBe(5);
    // A worker that was killed after it wrote the lines leaves this behind.
    await sql`insert into platform.unledgered select * from waiting`;
    expect(await keep()).toBe(3);
    expect(facts()).toHaveLength(5);

    // What a restore of the minute before brings back.
    await sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`update app.api_keys set revoked_at = null, revoked_by = null where org_id = ${orgId}`;
      await tx`update app.api_key_secrets set valid_until = null where org_id = ${orgId}`;
      await tx`update platform.operators set revoked_at = null`;
    });
    await vault`insert into vault.secrets (org_id, integration_id, name, version, key_version, sealed, created_at, created_by)
                values (${orgId}, ${integration}, 'deleted', 1, 1, '', now() - interval '1 minute', 'test')`;
    const replay = replayHere();
    const done = { keysRevoked: 1, keySecretsEnded: 1, operatorsRevoked: 1, secretsRemoved: 1, ended: null };
    expect(await replayLedger(replay)).toMatchObject(done);
    const nothing = { keysRevoked: 0, keySecretsEnded: 0, operatorsRevoked: 0, secretsRemoved: 0, deletions: 0 };
    expect(await replayLedger(replay)).toMatchObject(nothing);
    const left = await vault<{ name: string }[]>`select name from vault.secrets where org_id = ${orgId} order by name`;
    expect(left.map(({ name }) => name)).toEqual(['kept', 'replaced']);
    const short = join(databases.ledger, 'short');
    enterInLedger(short, replay.key, []);
    await expect(replayLedger({ ...replay, ledger: short })).rejects.toThrow('give the newest copy');
    expect(readLedger(replay.into)).toEqual(readLedger(databases.ledger));
    // What a worker would begin with where the ledger is not, or what another one has entered meanwhile.
    await expect(replayLedger({ ...replay, into: short })).rejects.toThrow('has another ledger than');
    const beside = { ...workerConfiguration, ledgerDirectory: join(databases.ledger, 'beside') };
    await sql`update app.api_keys set revoked_at = now(), revoked_by = 'test' where id = 'abcdefgh0002'`;
    const kept = withTaskContext({ workerConfiguration: beside }, keepLedger);
    await expect(kept).rejects.toThrow('is not the one whose line');
    expect(readLedger(beside.ledgerDirectory)).toEqual([]);
    expect(await keep()).toBeGreaterThan(0);
  });

  it('learns what was narrowed, and a replay leaves nothing wider in a database of before', async () => {
    const orgId = await databases.newOrganization();
    const { operational: sql } = databases.admin;
    const [all, reads] = ['*', 'read'].map((action) => JSON.stringify([{ action, resourceFilter: '*' }]));
    await sql`insert into app.api_keys (org_id, id, type, name, scopes, created_by)
              select ${orgId}::uuid, k, 'ADMIN', 'key', case k when 'narrowing002' then ${reads!} else ${all!} end::jsonb, 'test'
              from unnest('{narrowing001,narrowing002,narrowing003,narrowing004}'::text[]) k`;
    await sql`create temp table before as select * from app.api_keys where org_id = ${orgId}`;
    await sql`update app.api_keys set scopes = ${reads!}::text::jsonb where id = 'narrowing001'`;
    await sql`update app.api_keys set scopes = ${all!}::text::jsonb where id = 'narrowing002'`;
    await sql`update app.api_keys set allowed_cidrs = '{10.0.0.0/8}' where id = 'narrowing003'`;
    await sql`update app.api_keys set expires_at = '2040-01-01Z' where id = 'narrowing004'`;
    await sql`insert into platform.rate_limits values (${orgId}, 'STANDARD', 10, 1000)`;
    await sql`create temp table after as select * from app.api_keys where org_id = ${orgId}`;
    expect(await withTaskContext({ workerConfiguration }, keepLedger)).toBe(5);
    const facts = readLedger(databases.ledger).filter(({ organization }) => organization === orgId);
    expect(facts.map(({ event, subject }) => `${event} ${subject}`).sort()).toEqual([
      'API_KEY_EXPIRY_SET narrowing004/2',
      'API_KEY_NARROWED narrowing001/2',
      'API_KEY_NARROWED narrowing003/2',
      'RATE_LIMIT_SET STANDARD/1/10/1000',
    ]);
    // What the keys may do is in no line: the ledger outlives the organization.
    expect(JSON.stringify(facts)).not.toMatch(/10\.0\.0|action/);

    const nothing = { narrowedKeysRevoked: [], keyExpiriesSet: 0, rateLimitsLowered: 0 };
    expect(await replayLedger(replayHere())).toMatchObject(nothing);
    const restore = (from: string) =>
      sql.begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        await tx`delete from app.api_keys where org_id = ${orgId}`;
        await tx`insert into app.api_keys select * from ${tx(from)}`;
        await tx`delete from platform.rate_limits where org_id = ${orgId}`;
      });
    await restore('before');
    const replayed = await replayLedger(replayHere());
    expect([...replayed.narrowedKeysRevoked].sort()).toEqual([`${orgId}/narrowing001`, `${orgId}/narrowing003`]);
    expect(replayed).toMatchObject({ keyExpiriesSet: 1, rateLimitsLowered: 1 });
    expect(await replayLedger(replayHere())).toMatchObject(nothing);
    const keys = await sql`
      select revoked_at is null as active, expires_at = '2040-01-01Z' as expires from app.api_keys where org_id = ${orgId} order by id`;
    expect(keys.map(({ active, expires }) => [active, expires])).toEqual([
      [false, null],
      [true, null],
      [false, null],
      [true, true],
    ]);
    const limits = await sql`select per_minute, burst from platform.rate_limits where org_id = ${orgId}`;
    // Of a burst the ledger says 1,000, and the restored database 100, its default.
    expect(limits).toEqual([{ per_minute: 10, burst: 100 }]);
    // A database of after that moment is left as it is.
    await restore('after');
    expect(await replayLedger(replayHere())).toMatchObject({ ...nothing, rateLimitsLowered: 1 });
    // The last setting counts and not the lowest one; it raises nothing, and what is set afterwards stays.
    const set = (perMinute: number) =>
      sql`update platform.rate_limits set per_minute = ${perMinute}, burst = 1000, revision = revision + 1 where org_id = ${orgId}`;
    await set(5000);
    await withTaskContext({ workerConfiguration }, keepLedger);
    await restore('after');
    expect(await replayLedger(replayHere())).toMatchObject(nothing);
    await set(9000);
    expect(await replayLedger(replayHere())).toMatchObject(nothing);
    expect((await sql`select per_minute from platform.rate_limits where org_id = ${orgId}`)[0]).toEqual({
      per_minute: 9000,
    });
  });

  function replayHere() {
    const { adminUrl, contextKey } = testCluster();
    const nameOf = (database: Database) => poolOf(database).options.database ?? '';
    return {
      adminUrl,
      contextKey: Buffer.from(contextKey, 'hex'),
      key: auditSigner(databases.auditKey, databases.deployment),
      ledger: databases.ledger,
      into: join(databases.ledger, 'adopted'),
      names: { operational: nameOf(databases.operational), vault: nameOf(databases.vaultReader) },
    };
  }
});
