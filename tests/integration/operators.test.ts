import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphql } from 'graphql';
import { alertPage } from '../../alerts/alert-page.js';
import { authenticate } from '../../auth/api-keys/authenticate.js';
import { parseKey } from '../../auth/api-keys/key-format.js';
import { createIdentity, operatorIdentity } from '../../auth/identity.js';
import { backupTasks } from '../../backups/backup-service.js';
import { authenticateOperator } from '../../db/authenticate-operator.js';
import { packageRoot } from '../../db/package-root.js';
import { withOrg } from '../../db/with-org.js';
import { newId } from '../../domain/input/id.js';
import { listFailedJobs, listJobs } from '../../domain/job/jobs.js';
import { requestJob } from '../../domain/job/run-job.js';
import { createOperator } from '../../domain/operator/create-operator.js';
import { listOperators } from '../../domain/operator/list-operators.js';
import { revokeOperator } from '../../domain/operator/revoke-operator.js';
import { createOrganization } from '../../domain/organization/create-organization.js';
import { getOperatedOrganization, listOperatedOrganizations } from '../../domain/organization/operated-organization.js';
import { setOrganizationLimits } from '../../domain/organization/set-organization-limits.js';
import { tasks } from '../../jobs/tasks.js';
import { drillTask } from '../../recovery/drill/drill-task.js';
import { operatorResolvers } from '../../resolvers/operator/index.js';
import type { OperatorContext } from '../../resolvers/operator/operator-context.js';
import { openTelemetryPassword } from '../../vault/telemetry-credential.js';
import { openTwoDatabases, type TwoDatabases } from '../support/two-databases.js';

let databases: TwoDatabases;
let context: OperatorContext;
let operatorKey: string;

const schema = makeExecutableSchema({
  typeDefs: readFileSync(join(packageRoot, 'schema', 'operator', 'operator.graphql'), 'utf8'),
  resolvers: operatorResolvers,
});

beforeAll(async () => {
  databases = await openTwoDatabases();
  const { operational, telemetryKey } = databases;
  const created = await createOperator(operational, { name: 'Ada', environment: 'test', requestId: 'test' });
  operatorKey = created.text;
  const request = { operatorId: created.id, requestId: 'request-1', clientAddress: '127.0.0.1' };
  context = { ...request, operational, telemetryKey, environment: 'test' };
});
afterAll(() => databases.stop());

async function run(source: string, variableValues: Record<string, unknown> = {}) {
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue: context });
  const codes = errors?.map((error) => (error.originalError as { code?: string } | undefined)?.code ?? error.message);
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  return { data: JSON.parse(JSON.stringify(data)) as any, codes };
}

const newOrganization = async (name = 'Acme') =>
  (
    await run('mutation ($name: String!) { createOrganization(input: { name: $name }) { organization { id } } }', {
      name,
    })
  ).data.createOrganization.organization.id as string;

describe('operators', () => {
  it('are known by their key, and made by the system alone', async () => {
    const parsed = parseKey(operatorKey)!;
    const { operational } = databases;
    expect(await authenticateOperator(operational, parsed.id, parsed.secretHash)).toEqual({
      id: parsed.id,
      name: 'Ada',
    });
    expect(await authenticateOperator(operational, parsed.id, Buffer.alloc(32))).toBeUndefined();
    expect(await authenticateOperator(operational, 'aaaaaaaaaaaa', parsed.secretHash)).toBeUndefined();
    expect(await authenticate(operational, parsed)).toBeUndefined();
    const again = createOperator(operational, { name: 'Ada', environment: 'test', requestId: 'test' });
    await expect(again).rejects.toMatchObject({ code: 'CONFLICT' });
    for (const name of [' ', '\u200b\u202e']) {
      const blank = createOperator(operational, { name, environment: 'test', requestId: 'test' });
      await expect(blank).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    }
    const entries = await databases.admin.operational`select * from audit.entries where action = 'createOperator'`;
    expect(entries).toHaveLength(1);
    expect(JSON.stringify(entries)).not.toContain(operatorKey.split('_')[3]);
  });

  it('are revoked for good, by the system alone', async () => {
    const { operational } = databases;
    const { id, text } = await createOperator(operational, { name: 'Bob', environment: 'test', requestId: 'test' });
    const since = await revokeOperator(operational, id, 'test');
    expect(await authenticateOperator(operational, id, parseKey(text)!.secretHash)).toBeUndefined();
    expect(await revokeOperator(operational, id, 'test')).toEqual(since);
    await expect(revokeOperator(operational, 'aaaaaaaaaaaa', 'test')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await listOperators(operational, 'test')).map(({ name, revokedAt }) => [name, revokedAt])).toEqual([
      ['Ada', null],
      ['Bob', since],
    ]);
  });

  it('create organizations, whose telemetry is then to be provisioned', async () => {
    const fields =
      'id name createdAt retentionDays telemetryState provisioningFailure rateLimits { tier perMinute burst }';
    const { data, codes } = await run(
      `mutation { createOrganization(input: { name: "Acme" }) { organization { ${fields} } } }`,
    );
    expect(codes).toBeUndefined();
    const { organization } = data.createOrganization;
    expect(organization).toMatchObject({
      name: 'Acme',
      retentionDays: 365,
      telemetryState: 'REQUESTED',
      provisioningFailure: null,
      rateLimits: [
        { tier: 'STANDARD', perMinute: 60, burst: 100 },
        { tier: 'DATA_READ', perMinute: 600, burst: 1000 },
      ],
    });
    const orgId = organization.id as string;
    const [placement] = await databases.admin.operational<{ database_name: string; sealed_password: Buffer }[]>`
      select database_name, sealed_password from platform.telemetry_databases where org_id = ${orgId}`;
    const place = { orgId, databaseName: placement!.database_name };
    expect(openTelemetryPassword(databases.telemetryKey, place, placement!.sealed_password)).toHaveLength(43);
    const audit = await databases.admin.operational`
      select actor_type, actor_id, action, request_id, client_address from audit.entries where org_id = ${orgId}`;
    expect(audit.map((row) => ({ ...row }))).toEqual([
      {
        actor_type: 'OPERATOR',
        actor_id: context.operatorId,
        action: 'createOrganization',
        request_id: 'request-1',
        client_address: '127.0.0.1',
      },
    ]);
    expect((await run(`{ organization(id: "${orgId}") { ${fields} } }`)).data.organization).toEqual(organization);
    expect((await run('mutation { createOrganization(input: { name: "" }) { organization { id } } }')).codes).toEqual([
      'BAD_USER_INPUT',
    ]);
  });

  it('list organizations by id', async () => {
    const made = [await newOrganization('one'), await newOrganization('two'), await newOrganization('three')];
    const all = (await run('{ organizations(first: 100) { id name } }')).data.organizations.map(
      (row: { id: string }) => row.id,
    );
    expect(all).toEqual([...all].sort());
    expect(all).toEqual(expect.arrayContaining(made));
    const rest = await run('query ($after: ID) { organizations(first: 1, after: $after) { name } }', {
      after: made[0],
    });
    expect(rest.data.organizations).toEqual([{ name: 'two' }]);
    expect((await run('{ organizations(first: 0) { id } }')).codes).toEqual(['BAD_USER_INPUT']);
    expect((await run('{ organizations(first: 1, after: "x") { id } }')).codes).toEqual(['BAD_USER_INPUT']);
  });

  it('make the first key of an organization', async () => {
    const orgId = await newOrganization();
    const mutation = `mutation ($input: CreateOrganizationApiKeyInput!) { createOrganizationApiKey(input: $input) { id secret } }`;
    const input = { orgId, name: 'first', scopes: [{ action: 'ANY', resourceFilter: '*' }] };
    const { id, secret } = (await run(mutation, { input })).data.createOrganizationApiKey;
    const found = await authenticate(databases.operational, parseKey(secret)!);
    expect(found).toMatchObject({
      orgId,
      active: true,
      key: { id, type: 'ADMIN', scopes: [{ action: '*', resourceFilter: '*' }] },
    });
    const text = JSON.stringify(await databases.admin.operational`select * from audit.entries where org_id = ${orgId}`);
    expect(text).toContain('createOrganizationApiKey');
    expect(text).not.toContain(secret.split('_')[3]);
    const attempt = (changed: object) => run(mutation, { input: { ...input, ...changed } }).then(({ codes }) => codes);
    expect(await attempt({ orgId: newId() })).toEqual(['NOT_FOUND']);
    expect(await attempt({ orgId: 'x' })).toEqual(['NOT_FOUND']);
    expect(await attempt({ type: 'EXTERNAL' })).toEqual(['BAD_USER_INPUT']);
    expect(await attempt({ expiresAt: '2020-01-01T00:00:00Z' })).toEqual(['BAD_USER_INPUT']);
  });

  it('set the limits of one organization', async () => {
    const [orgId, other] = [await newOrganization(), await newOrganization()];
    const mutation = `mutation ($input: SetOrganizationLimitsInput!) {
      setOrganizationLimits(input: $input) { organization { rateLimits { tier perMinute burst } } } }`;
    const input = { orgId, tier: 'DATA_READ', perMinute: 7, burst: 9 };
    const limits = { tier: 'DATA_READ', perMinute: 7, burst: 9 };
    const { data } = await run(mutation, { input });
    expect(data.setOrganizationLimits.organization.rateLimits[1]).toEqual(limits);
    const unchanged = await run(`{ organization(id: "${other}") { rateLimits { burst } } }`);
    expect(unchanged.data.organization.rateLimits).toEqual([{ burst: 100 }, { burst: 1000 }]);
    for (const bad of [{ perMinute: 0 }, { burst: 1_000_001 }]) {
      expect((await run(mutation, { input: { ...input, ...bad } })).codes).toEqual(['BAD_USER_INPUT']);
    }
    expect((await run(mutation, { input: { ...input, orgId: newId() } })).codes).toEqual(['NOT_FOUND']);
    expect((await run(`{ organization(id: "${newId()}") { id } }`)).codes).toEqual(['NOT_FOUND']);
  });
});

describe('keys of an organization, whatever their scopes', () => {
  it('can do nothing that is the operators’', async () => {
    const orgId = await newOrganization();
    const everything = [{ action: '*', filter: '*' }] as const;
    const { text } = await (async () => {
      const input = { orgId, name: 'k', scopes: [{ action: 'ANY', resourceFilter: '*' }] };
      const answer = await run(
        'mutation ($input: CreateOrganizationApiKeyInput!) { createOrganizationApiKey(input: $input) { secret } }',
        { input },
      );
      return { text: answer.data.createOrganizationApiKey.secret as string };
    })();
    const parts = {
      actor: { type: 'API_KEY', id: parseKey(text)!.id },
      scopes: everything,
      keyRevision: '1',
      requestId: 'r',
      clientAddress: null,
    } as const;
    const key = createIdentity({ orgId, ...parts });
    const { operational, telemetryKey } = databases;
    const attempts = [
      withOrg(operational, key, 'read', getOperatedOrganization),
      withOrg(operational, key, 'read', (tx) => listOperatedOrganizations(tx, { first: 10 })),
      withOrg(operational, key, 'write', (tx) =>
        setOrganizationLimits(tx, { tier: 'STANDARD', perMinute: 9, burst: 9 }),
      ),
      withOrg(operational, key, 'write', (tx) => tx.sql`select platform.set_rate_limit('STANDARD', 9, 9)`),
      withOrg(operational, key, 'read', listJobs),
      withOrg(operational, key, 'read', (tx) => listFailedJobs(tx, { first: 10 })),
      withOrg(operational, key, 'read', (tx) => alertPage(tx, { first: 10 })),
      requestJob(operational, key, 'provisionTelemetry'),
      requestJob(operational, operatorIdentity(orgId, 'operator', 'test', null), 'provisionTelemetry'),
      withOrg(
        operational,
        key,
        'write',
        (tx) => tx.sql`select platform.create_operator('aaaaaaaaaaaa', 'x', ${Buffer.alloc(32)})`,
      ),
      withOrg(operational, key, 'write', (tx) => tx.sql`select platform.revoke_operator(${context.operatorId})`),
      withOrg(operational, key, 'read', (tx) => tx.sql`select platform.list_operators()`),
      withOrg(operational, key, 'write', (tx) => tx.sql`select platform.set_data_limit(1)`),
    ];
    for (const attempt of attempts) await expect(attempt).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const elsewhere = createOrganization(
      operational,
      telemetryKey,
      (id) => createIdentity({ orgId: id, ...parts }),
      'Mine',
    );
    await expect(elsewhere).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const own = createOrganization(operational, telemetryKey, () => key, 'Mine');
    await expect(own).rejects.toThrow();
  });

  it('see alerts that fire and those that are over, in pages, with what to do', async () => {
    const { operational: admin } = databases.admin;
    const alerts = [
      ['WalGrows', '5 minutes', null],
      ['DrillFailed', '4 minutes', null],
      ['DiskFull', '3 minutes', '1 minute'],
      ['JobsFailed', '60 days', '40 days'],
    ] as const;
    for (const [name, since, resolved] of alerts) {
      await admin`
        insert into platform.alerts (name, severity, summary, evidence, firing, since, changed_at, resolved_at)
        values (${name}, 'page', 'bad', '{"value": 1}', ${resolved === null}, now() - ${since}::interval, now(),
                now() - ${resolved}::interval)`;
    }
    const names = async (args: string) =>
      (await run(`{ alerts(${args}) { name } }`)).data.alerts.map(({ name }: { name: string }) => name);
    expect(await names('first: 10')).toEqual(['DiskFull', 'DrillFailed', 'WalGrows']);
    expect(await names('first: 1, after: "DiskFull"')).toEqual(['DrillFailed']);
    expect(await names('first: 10, after: "DiskFull", isFiring: true')).toEqual(['DrillFailed', 'WalGrows']);
    expect(await names('first: 10, isFiring: false')).toEqual(['DiskFull']);
    const { data } = await run(`{ alerts(first: 10, isFiring: true) {
      name severity summary remedy evidence isFiring since resolvedAt } }`);
    const common = { severity: 'PAGE', summary: 'bad', evidence: '{"value":1}', isFiring: true, resolvedAt: null };
    expect(data.alerts).toEqual([
      { ...common, name: 'DrillFailed', remedy: null, since: expect.any(String) },
      { ...common, name: 'WalGrows', remedy: expect.stringContaining('replication slot'), since: expect.any(String) },
    ]);
    for (const args of ['first: 101', 'first: 1, after: "JobsFailed"']) {
      expect((await run(`{ alerts(${args}) { name } }`)).codes).toEqual(['BAD_USER_INPUT']);
    }
    await admin`delete from platform.alerts`;
  });

  it('see tasks with their jobs, and jobs that failed for good with ids and reason', async () => {
    const [waiting, failing] = [await newOrganization(), await newOrganization()];
    const { operational: admin } = databases.admin;
    await admin`delete from graphile_worker._private_jobs where payload->>'orgId' not in ${admin([waiting, failing])}`;
    const failed = await admin`
      update graphile_worker._private_jobs set attempts = max_attempts, last_error = 'SealBroken'
      where payload->>'orgId' = ${failing} returning id::text`;
    await admin`insert into platform.job_runs (job_id, attempt, task, org_id, worker, ended_at, outcome, reason)
                values (${failed[0]!['id']}, 10, 'provisionTelemetry', ${failing}, 'test', now(), 'FAILED', 'SealBroken')`;

    const run1 = 'lastRun { startedAt endedAt outcome reason attempt }';
    const { data } = await run(`{
      jobs { name concerns schedule nextRunAt ${run1} maxAttempts waiting running failed }
      failedJobs(first: 10) { id task ids { name id } attempts reason createdAt failedAt } }`);
    expect(data.jobs.map(({ name }: { name: string }) => name)).toEqual(
      [...tasks, ...backupTasks, drillTask({} as never)].map(({ name }) => name).sort(),
    );
    expect(data.jobs.find(({ name }: { name: string }) => name === 'provisionTelemetry')).toEqual({
      name: 'provisionTelemetry',
      concerns: 'ORGANIZATION',
      schedule: null,
      nextRunAt: null,
      lastRun: {
        startedAt: expect.any(String),
        endedAt: expect.any(String),
        outcome: 'FAILED',
        reason: 'SealBroken',
        attempt: 10,
      },
      maxAttempts: 10,
      waiting: 1,
      running: 0,
      failed: 1,
    });
    expect(data.failedJobs).toEqual([
      {
        id: failed[0]!['id'],
        task: 'provisionTelemetry',
        ids: [{ name: 'orgId', id: failing }],
        attempts: 10,
        reason: 'SealBroken',
        createdAt: expect.any(String),
        failedAt: expect.any(String),
      },
    ]);
    const page = await run(`{ failedJobs(first: 10, after: "${failed[0]!['id']}") { id } }`);
    expect(page.data.failedJobs).toEqual([]);
    expect((await run('{ failedJobs(first: 10, after: "x") { id } }')).codes).toEqual(['BAD_USER_INPUT']);
    expect((await run('{ failedJobs(first: 101) { id } }')).codes).toEqual(['BAD_USER_INPUT']);
  });
});
