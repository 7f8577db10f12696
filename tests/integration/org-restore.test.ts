import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemIdentity } from '../../auth/identity.js';
import { type Administrator, connectAsAdministrator } from '../../db/administrator.js';
import { closeDatabase, type Database, openDatabase } from '../../db/database.js';
import { clusterLocation } from '../../db/embedded/cluster-location.js';
import { lockFileName } from '../../db/embedded/lock-home.js';
import { withOrg } from '../../db/with-org.js';
import { createApiKey } from '../../domain/api-key/create-api-key.js';
import { createOrganization } from '../../domain/organization/create-organization.js';
import { deleteOrganization as requestDeletion } from '../../domain/organization/delete-organization.js';
import { provisionTelemetry } from '../../jobs/tasks/provision-telemetry.js';
import { chooseSource } from '../../recovery/cluster/choose-source.js';
import type { OrganizationRequest } from '../../recovery/organization/organization-request.js';
import { type OrganizationReport, restoreOrganization } from '../../recovery/organization/restore-organization.js';
import { rowDecisions } from '../../recovery/organization/row-decisions.js';
import { scratchPrefix } from '../../recovery/remove-left-scratch.js';
import { withScratchCluster } from '../../recovery/with-scratch-cluster.js';
import { type Gateway, startGateway } from '../../server/gateway.js';
import { newDatabaseName, newDatabasePassword } from '../../telemetry/database-name.js';
import { dropLeftDatabases, leftDatabasesOf, markLeft } from '../../telemetry/left-databases.js';
import { provisionDatabase } from '../../telemetry/provision-database.js';
import { type BackedUpDeployment, startBackedUpDeployment } from '../support/backed-up-deployment.js';
import { runBulkhead, until } from '../support/bulkhead-process.js';
import { type GraphqlClient, graphqlClient } from '../support/graphql-client.js';
import { withTaskContext } from '../support/task-context.js';

/** An organization with something of every kind, and its keys. */
interface Tenant {
  readonly orgId: string;
  readonly name: string;
  readonly client: GraphqlClient;
  readonly keyId: string;
  readonly siteId: string;
  readonly thingId: string;
  readonly integrationId: string;
}

let deployment: BackedUpDeployment;
let operational: Database;
let vault: Administrator;
let gateway: Gateway;
let tenants: Tenant[];

beforeAll(async () => {
  deployment = await startBackedUpDeployment();
  const { addresses, keys, server } = deployment;
  operational = openDatabase({ url: addresses.gateway, contextKey: keys.context, applicationName: 'test' });
  vault = connectAsAdministrator(server.adminUrl('postgres'), 'bulkhead_vault');
  gateway = await startGateway(deployment.gatewayConfiguration);
  tenants = [await newTenant('A'), await newTenant('B'), await newTenant('C'), await newTenant('D')];
  await deployment.takeBase();
});
afterAll(async () => {
  await gateway?.close();
  await closeDatabase(operational);
  await vault?.end();
  await deployment?.remove();
});

async function newTenant(name: string): Promise<Tenant> {
  const { keys, workerConfiguration } = deployment;
  const identityOf = (orgId: string) => systemIdentity(orgId, 'test', 'test');
  const orgId = await createOrganization(operational, keys.telemetry, identityOf, name);
  const key = await withOrg(operational, identityOf(orgId), 'write', async (tx) => {
    for (const tier of ['STANDARD', 'DATA_READ']) {
      await tx.sql`select platform.set_rate_limit(${tier}, 1000000, 1000000)`;
    }
    return createApiKey(tx, 'test', { name: 'all', type: 'ADMIN', scopes: [{ action: '*', resourceFilter: '*' }] });
  });
  await withTaskContext({ workerConfiguration }, (context) => provisionTelemetry.run({ orgId }, context));
  const client = graphqlClient(gateway.url, key.text);
  const made = await client.ok(`mutation {
    createMetric(input: { name: "soc", dataType: DOUBLE, defaultAggregation: LAST }) { id }
    createSite(input: { name: "Depot", latitude: 1, longitude: 2, address: "Street 1" }) { id }
    createIntegration(input: { name: "Out", direction: EGRESS, type: "WEBHOOK", properties: { url: ["https://example.com"] } }) { id }
  }`);
  const { createThingType } = await client.ok(
    `mutation ($metric: ID!) { createThingType(input: { displayName: "Battery", metricIds: [$metric] }) { id } }`,
    { metric: made.createMetric.id },
  );
  const { createThing } = await client.ok(
    `mutation ($input: CreateThingInput!) { createThing(input: $input) { id } }`,
    { input: { placeId: made.createSite.id, name: 'Battery 1', typeName: 'Battery', typeId: createThingType.id } },
  );
  await client.ok(
    `mutation ($id: ID!) { putSecret(input: { integrationId: $id, name: "token", value: "x" }) { version } }`,
    {
      id: made.createIntegration.id,
    },
  );
  const tenant = {
    orgId,
    name,
    client,
    keyId: key.id,
    siteId: made.createSite.id,
    thingId: createThing.id,
    integrationId: made.createIntegration.id,
  };
  await ingest(tenant, 1);
  return tenant;
}

const ingest = ({ client, thingId }: Tenant, value: number) =>
  client.ok(`mutation ($input: IngestFramesInput!) { ingestFrames(input: $input) { framesIngested } }`, {
    input: { things: [{ thingId, frames: [{ timestamp: Date.now(), metrics: { soc: value } }] }] },
  });

/** What is stored of an organization, row by row, but what is said to change by itself. */
async function digestOf(orgId: string, except: readonly string[]): Promise<Record<string, string>> {
  const digest: Record<string, string> = {};
  for (const [store, sql] of [
    ['operational', deployment.admin],
    ['vault', vault],
  ] as const) {
    for (const table of Object.keys(rowDecisions[store]).filter((name) => !except.includes(name))) {
      const [row] = await sql.unsafe(
        `select coalesce(md5(string_agg(row, '' order by row)), '') as hash from (
           select (to_jsonb(t) - 'last_used_at')::text as row from ${table} t where org_id = $1) rows
         where row not like '%of the load%'`,
        [orgId],
      );
      digest[`${store} ${table}`] = row?.['hash'];
    }
  }
  return digest;
}

/** What a request leaves behind beside its effect. */
const traces = [
  'audit.entries',
  'audit.usage',
  'audit.trees',
  'audit.leaves',
  'audit.nodes',
  'audit.heads',
  'platform.unsealed_entries',
  'platform.rate_buckets',
  'platform.job_runs',
  'platform.unledgered',
  'platform.live_subscriptions',
];

/** Puts an organization back as the command does, after it was shown what would be done and nothing was done. */
async function restoredInProcess(
  tenant: Tenant,
  to: Date,
  afterLook: (request: OrganizationRequest) => Promise<void>,
): Promise<OrganizationReport> {
  const { server, addresses, keys, repository } = deployment;
  const source = await chooseSource(repository, to);
  const place = { beside: server.dataDirectory, ...clusterLocation(deployment.home), binDirectory: undefined };
  const { signal } = new AbortController();
  const report = await withScratchCluster({ source, ...place, signal, onProgress: () => {} }, async (cluster) => {
    const request = {
      orgId: tenant.orgId,
      adminUrl: server.adminUrl('postgres'),
      provisionerUrl: addresses.provisioner,
      contextKey: keys.context,
      telemetryKey: keys.telemetry,
      source,
      cluster,
      confirm: async () => true,
      log: () => {},
    };
    expect(await restoreOrganization({ ...request, confirm: async () => false })).toBeUndefined();
    await afterLook(request);
    const old = await databaseOf(tenant.orgId);
    const seen: Promise<unknown>[] = [];
    const log = (line: string) => {
      if (!line.startsWith('Waiting')) return;
      seen.push(deployment.admin`select rolcanlogin as "mayLogin" from pg_roles where rolname = ${old}`.execute());
    };
    const report = await restoreOrganization({ ...request, log });
    // Who had asked for the old placement before, writes into it no more.
    expect(await Promise.all(seen)).toEqual([[{ mayLogin: false }]]);
    return report;
  });
  if (report === undefined) throw new Error('it was not put back');
  return report;
}

async function databaseOf(orgId: string): Promise<string> {
  const [row] = await deployment.admin<{ name: string }[]>`
    select database_name as name from platform.telemetry_databases where org_id = ${orgId}`;
  return row?.name ?? '';
}

async function telemetryDatabases(): Promise<string[]> {
  const rows = await deployment.admin<
    { name: string }[]
  >`select datname as name from pg_database where datname ~ '^t_'`;
  return rows.map(({ name }) => name).sort();
}

/** A deletion that is asked for in the middle is met by no copy of what it deletes, nor by secrets. */
async function refusedWhileDeleted(request: OrganizationRequest, { orgId, name }: Tenant): Promise<void> {
  const before = await telemetryDatabases();
  const confirm = async () => {
    await withOrg(operational, systemIdentity(orgId, 'test', 'test'), 'write', (tx) =>
      requestDeletion(tx, { confirmName: name }),
    );
    return true;
  };
  await expect(restoreOrganization({ ...request, orgId, confirm })).rejects.toThrow();
  expect(await telemetryDatabases()).toEqual(before);
  expect(await vault`select from vault.secrets where org_id = ${orgId}`).toHaveLength(0);

  // What a kill in the middle leaves goes with the organization, and a day later in any case.
  const { provisionerUrl } = request;
  const database = newDatabaseName();
  await provisionDatabase({ provisionerUrl, database, role: database, password: newDatabasePassword() });
  await deployment.admin.unsafe(markLeft(database, orgId, new Date()));
  expect(await leftDatabasesOf(provisionerUrl, orgId)).toEqual([database]);
  expect(await dropLeftDatabases(provisionerUrl, new Date())).toBe(0);
  expect(await dropLeftDatabases(provisionerUrl, new Date(Date.now() + 90_000_000))).toBe(1);
  expect(await telemetryDatabases()).toEqual(before);
}

/** What the organization itself sees. */
const seen = ({ client }: Tenant) =>
  client.ok(`{
    organization { name }
    sites(first: 10) { nodes { id name } }
    things(first: 10) { nodes { id name latest { value } } }
    integrations(first: 10) { nodes { id name secrets { name version } } }
  }`);

/** What a command that was killed leaves: a cluster whose PostgreSQL takes a moment to go. @returns its directory */
async function leaveKilledCommand(): Promise<string> {
  const folder = join(dirname(deployment.server.dataDirectory), `${scratchPrefix}${randomUUID()}`);
  const data = join(folder, 'data');
  const program = `process.on('SIGQUIT', () => setTimeout(() => process.exit(), 500)); console.log('up')`;
  const server = spawn(process.execPath, ['-e', `${program}; setInterval(() => {}, 1000)`, data, ''], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(server.stdout, 'data');
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'postmaster.pid'), `${server.pid}\n`);
  writeFileSync(join(folder, lockFileName), '2147483647\n1\n');
  return folder;
}

async function moment(): Promise<string> {
  const [row] = await deployment.admin<{ at: string }[]>`
    select to_char(clock_timestamp() + interval '1 ms', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from pg_sleep(0.05)`;
  await deployment.admin`select pg_sleep(0.05)`;
  return row?.at ?? '';
}

describe('bulkhead org restore', () => {
  it('decides about every table that has an org_id', async () => {
    for (const [store, sql] of [
      ['operational', deployment.admin],
      ['vault', vault],
    ] as const) {
      const rows = await sql<{ name: string }[]>`
        select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
        where c.relkind in ('r', 'p') and not c.relispartition order by 1`;
      expect(rows.map(({ name }) => name)).toEqual(Object.keys(rowDecisions[store]).sort());
    }
  });

  it('puts one of three back while two keep writing, touches nothing of theirs, and is undone by itself', async () => {
    const [a, b, c, d] = tenants as [Tenant, Tenant, Tenant, Tenant];
    const restored = Object.entries(rowDecisions.operational).filter(([, decision]) => decision === 'RESTORED');
    const isRestored = (name: string) => restored.some(([one]) => one === name);
    // A secret that is put back counts as set now; what is seen has it.
    const keptTables = [...Object.keys(rowDecisions.operational), ...Object.keys(rowDecisions.vault)].filter(
      (name) => !isRestored(name),
    );
    const before = await digestOf(a.orgId, keptTables);
    const view = await seen(a);
    const to = await moment();

    await a.client.ok(
      `mutation ($thing: ID!, $site: ID!) {
      deleteThing(input: { id: $thing }) { id }
      updateSite(input: { id: $site, name: "Spoilt" }) { site { id } }
      createSite(input: { name: "New", latitude: 1, longitude: 2, address: "Street 2" }) { id }
    }`,
      { thing: a.thingId, site: a.siteId },
    );
    for (const { client, integrationId: id } of [a, d]) {
      await client.ok(`mutation ($id: ID!) { deleteIntegration(input: { id: $id }) { id } }`, { id });
    }
    const spoilt = await digestOf(a.orgId, keptTables);
    await deployment.archive();

    const others = await Promise.all([b, c].map(({ orgId }) => digestOf(orgId, traces)));
    const load = new AbortController();
    const written = [0, 0];
    const writers = [b, c].map(async (tenant, index) => {
      while (!load.signal.aborted) {
        await tenant.client.ok(
          `mutation { createSite(input: { name: "of the load", latitude: 1, longitude: 2, address: "x" }) { id } }`,
        );
        written[index] = (written[index] ?? 0) + 1;
        await delay(5);
      }
    });
    const settings = { BULKHEAD_HOME: deployment.home };
    const report = await restoredInProcess(a, new Date(to), async (request) => {
      await refusedWhileDeleted(request, d);
      expect(await digestOf(a.orgId, keptTables)).toEqual(spoilt);
    });
    load.abort();
    await Promise.all(writers);
    expect(report).toMatchObject({ name: 'A', secretsPutBack: 1, telemetry: { past: { readings: 1 } } });
    const sites = report.tables.find(({ table }) => table === 'app.places');
    expect(sites).toMatchObject({ added: 1, changed: 1, removed: 0 });

    expect(await digestOf(a.orgId, keptTables)).toEqual(before);
    expect(await seen(a)).toEqual(view);
    await ingest(a, 2);
    expect(await Promise.all([b, c].map(({ orgId }) => digestOf(orgId, traces)))).toEqual(others);
    for (const [index, { orgId }] of [b, c].entries()) {
      const [row] = await deployment.admin`
        select count(*)::int as count from app.places where org_id = ${orgId} and name = 'of the load'`;
      expect(row?.['count']).toBe(written[index]);
      expect(written[index]).toBeGreaterThan(0);
    }
    const entries = await deployment.admin`
      select change from audit.entries where org_id = ${a.orgId} and action = 'restoreOrganization'`;
    expect(entries).toHaveLength(1);

    const command = ['org', 'restore', a.orgId, '--to', report.before];
    expect((await runBulkhead([...command, '--confirm', 'B'], settings)).status).toBe(2);
    const left = await leaveKilledCommand();
    const asked = await runBulkhead([...command, '--json'], settings);
    expect(asked).toMatchObject({ status: 1, stderr: expect.stringContaining('Nothing was changed') });
    expect(JSON.parse(asked.stdout)).toMatchObject({ isRestored: false });
    await until('what was left to be removed', () => (existsSync(left) ? undefined : true));
    const undone = await runBulkhead([...command, '--confirm', 'A'], settings);
    expect(undone).toMatchObject({ status: 0, stdout: expect.stringContaining('was put back') });
    expect(await digestOf(a.orgId, keptTables)).toEqual(spoilt);
  });
});
