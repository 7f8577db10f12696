import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import { auditSigner } from '../../audit/audit-key.js';
import { readCertificate } from '../../audit/ledger/deletion-certificate.js';
import { readLedger } from '../../audit/ledger/ledger.js';
import { createIdentity } from '../../auth/identity.js';
import { withOrg } from '../../db/with-org.js';
import { deleteOrganization } from '../../domain/organization/delete-organization.js';
import { digestOf, telemetryOf, withAdmin } from '../isolation/data-digest.js';
import { type Seed, seed } from '../isolation/seed.js';
import { seedFindings } from '../isolation/seed-findings.js';
import { type GraphqlClient, graphqlClient } from '../support/graphql-client.js';
import { eventually, type Subscriber, subscribe } from '../support/live-client.js';
import { operatorClient } from '../support/operator-client.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

const mutation = `mutation ($input: DeleteOrganizationInput!) {
  deleteOrganization(input: $input) { organizationId requestedAt }
}`;
const deletionQuery = `query ($id: ID!) {
  deletion(organizationId: $id) { step completedAt failure certificate requestedByType requestedById }
}`;

let deployment: TestDeployment;
let operator: GraphqlClient;
let a: Seed;
let b: Seed;
let organization: TestOrganization;

beforeAll(async () => {
  deployment = await startTestDeployment();
  operator = await operatorClient(deployment);
  organization = await deployment.createOrganization(`A ${randomBytes(8).toString('hex')}`);
  const other = await deployment.createOrganization('B');
  [a, b] = await Promise.all([seed(organization, 'A'), seed(other, 'B')]);
  await Promise.all([a, b].map((each) => seedFindings(deployment, each)));
});
afterAll(() => deployment?.stop());

describe('a deletion is refused', () => {
  it('with another name', async () => {
    for (const confirmName of ['', `${organization.name} `, organization.name.toLowerCase()]) {
      const { status, errors } = await a.client.send(mutation, { input: { confirmName } });
      expect({ status, codes: errors.map(({ extensions }) => extensions.code) }).toEqual({
        status: 422,
        codes: ['BAD_USER_INPUT'],
      });
    }
  });

  it('to keys without admin on the organization, and to EXTERNAL keys', async () => {
    const { orgId, createKey } = organization;
    const keys = [
      await createKey({ scopes: ['read *', 'write *'] }),
      await createKey({ scopes: ['admin APIKEY/#', `read ORGANIZATION/${orgId}`] }),
      await createKey({ type: 'EXTERNAL', scopes: [`write ORGANIZATION/${orgId}`] }),
    ];
    const input = { confirmName: organization.name };
    for (const { client } of keys) expect(await client.codes(mutation, { input })).toEqual(['FORBIDDEN']);
  });

  it('to an EXTERNAL key by the database, whatever its scopes were', async () => {
    const key = await organization.createKey({ scopes: ['* *'] });
    const keyRevision = await withAdmin(deployment.adminUrl('operational'), async (sql) => {
      const [row] = await sql`update app.api_keys set type = 'EXTERNAL' where id = ${key.id} returning revision`;
      return String(row?.['revision']);
    });
    const identity = createIdentity({
      orgId: organization.orgId,
      actor: { type: 'API_KEY', id: key.id },
      scopes: [{ action: '*', filter: '*' }],
      keyRevision,
      requestId: 'test',
      clientAddress: null,
    });
    const asked = withOrg(deployment.operational, identity, 'write', (tx) =>
      deleteOrganization(tx, { confirmName: organization.name }),
    );
    await expect(asked).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await operator.ok(deletionQuery, { id: organization.orgId })).toEqual({ deletion: null });
  });
});

describe('a deleted organization', () => {
  let certificate: string;
  let database: string;
  let before: Awaited<ReturnType<typeof digestOf>>;
  let subscriber: Subscriber;
  let second: GraphqlClient;
  let state: object = {};
  const alive: number[] = [];

  beforeAll(async () => {
    second = graphqlClient((await deployment.startGateway()).url, a.client.key);
    ({ database } = await telemetryOf(deployment, organization.orgId));
    before = await digestOf(deployment, b.ids.organization);
    subscriber = subscribe(deployment.gateway.url, { key: a.client.key! }, 'subscription { deletions { id } }');
    await eventually('the subscription', async () =>
      withAdmin(deployment.adminUrl('operational'), async (sql) => {
        const [row] = await sql`
          select count(*)::int as open from platform.live_subscriptions where org_id = ${organization.orgId}`;
        return row?.['open'] === 1;
      }),
    );
    await second.ok('{ me { keyId } }');
  });

  it('is refused at both gateways from the answer on, and its subscription is closed', async () => {
    const data = await a.client.ok(mutation, { input: { confirmName: organization.name } });
    expect(data.deleteOrganization.organizationId).toBe(organization.orgId);
    for (const client of [a.client, second]) {
      const { status, errors } = await client.send('{ me { keyId } }');
      expect({ status, codes: errors.map(({ extensions }) => extensions.code) }).toEqual({
        status: 401,
        codes: ['UNAUTHENTICATED'],
      });
    }
    await subscriber.until(({ isOver }) => isOver);
    expect(subscriber.closeCode).toBe(4401);
  });

  it('takes no change of its operator any more', async () => {
    const input = { orgId: organization.orgId, name: 'late', scopes: [{ action: 'READ', resourceFilter: '*' }] };
    const codes = await operator.codes(
      'mutation ($input: CreateOrganizationApiKeyInput!) { createOrganizationApiKey(input: $input) { id } }',
      { input },
    );
    expect(codes).toEqual(['CONFLICT']);
  });

  it('is gone after moments, with a certificate, while the other organization is served', async () => {
    await eventually('the certificate', async () => {
      alive.push((await b.client.send('{ organization { id } sites(first: 1) { nodes { id } } }')).status);
      const { deletion } = await operator.ok(deletionQuery, { id: organization.orgId });
      certificate = deletion.certificate;
      state = deletion;
      return deletion.completedAt !== null;
    }).catch((error) => {
      throw new Error(JSON.stringify(state), { cause: error });
    });
    expect(new Set(alive)).toEqual(new Set([200]));
    const { auditKey, deployment: id, ledgerDirectory } = deployment.workerConfiguration;
    const statement = readCertificate(certificate, auditSigner(auditKey, id));
    expect(statement.organization).toBe(organization.orgId);
    expect(statement.removed['TELEMETRY']).toEqual({ [`database and role ${database}`]: 1 });
    expect(statement.removed['ROWS']).toMatchObject({ 'app.organizations': 1, 'app.things': expect.any(Number) });
    expect(statement.removed['VAULT']).toMatchObject({ 'vault.organization_keys': 1 });
    const path = join(ledgerDirectory, 'certificates', `${organization.orgId}.json`);
    expect(readFileSync(path, 'utf8')).toBe(certificate);
    const entries = readLedger(ledgerDirectory).filter(({ event }) => event.startsWith('DELETION'));
    expect(entries.map(({ event }) => event)).toEqual(['DELETION_BEGUN', 'DELETION_COMPLETED']);
    expect(entries.at(-1)).toMatchObject(statement.ledger);
  });

  it('cannot be certified by another text: the signature is of this one', () => {
    const { auditKey, deployment: id } = deployment.workerConfiguration;
    const forged = certificate.replace('"app.organizations": 1', '"app.organizations": 2');
    expect(forged).not.toBe(certificate);
    expect(() => readCertificate(forged, auditSigner(auditKey, id))).toThrow('The signature does not fit');
    expect(() => readCertificate(certificate, auditSigner(randomBytes(32), id))).toThrow('another key');
  });

  it('has left nothing in any table beside what is kept, in no encoding', async () => {
    const needles = [a.canary, a.secretValue, organization.name];
    const found = await search(needles);
    expect(found).toEqual([]);
    // The search finds what is there.
    expect((await search([b.canary])).length).toBeGreaterThan(5);
  });

  it('has its id in those tables only that are kept', async () => {
    const tables = (await search([organization.orgId])).map((place) => place.split(' ')[0]);
    const kept = [
      'platform.deletions',
      'platform.job_runs',
      'audit.trees',
      'audit.leaves',
      'audit.nodes',
      'audit.heads',
    ];
    // The entry of the deletion itself is in the log of the deployment; names of queues go with the next `cleanJobs`.
    // What a gateway notes of those that it refused most is forgotten with its next notes.
    const named = [...kept, 'audit.entries', 'graphile_worker._private_job_queues', 'platform.processes'];
    expect([...new Set(tables)].filter((table) => !named.includes(table!))).toEqual([]);
    await withAdmin(deployment.adminUrl('operational'), async (sql) => {
      const own = await sql`select from audit.entries where org_id = ${organization.orgId}`;
      const survived = await sql`
        select outcome, resource from audit.entries
        where org_id = '00000000-0000-0000-0000-000000000000' and action = 'deleteOrganization'`;
      expect(own.length).toBe(0);
      expect(survived.map((row) => ({ ...row }))).toEqual([
        { outcome: 'SUCCEEDED', resource: `ORGANIZATION/${organization.orgId}` },
      ]);
      const left = await sql`
        select datname as name from pg_database where datname = ${database}
        union all select rolname from pg_roles where rolname = ${database}`;
      expect(left.length).toBe(0);
    });
  });

  it('has changed nothing of the other organization', async () => {
    expect(await digestOf(deployment, b.ids.organization)).toEqual(before);
  });

  it('leaves its name free', async () => {
    const again = await deployment.createOrganization(organization.name);
    const data = await again.client.ok('{ organization { name } }');
    expect(data.organization.name).toBe(organization.name);
  });
});

/** Tables of all databases of the deployment that hold one of the texts: plain, as hex or in base64. */
async function search(texts: readonly string[]): Promise<string[]> {
  const needles = texts.flatMap((text) => {
    const bytes = Buffer.from(text);
    // In base64 a text looks different at each of three offsets; the ends of it depend on what is around.
    const base64 = [0, 1, 2].map((offset) =>
      Buffer.concat([Buffer.alloc(offset), bytes])
        .toString('base64')
        .replace(/=+$/, '')
        .slice(offset === 0 ? 0 : offset + 1, -2),
    );
    return [text, bytes.toString('hex'), ...base64];
  });
  const found: string[] = [];
  for (const kind of ['operational', 'vault'] as const) {
    await withAdmin(deployment.adminUrl(kind), async (sql) => void found.push(...(await searchDatabase(sql, needles))));
  }
  return found;
}

async function searchDatabase(sql: postgres.Sql, needles: readonly string[]): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')`;
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await sql<{ needle: string }[]>`
      select distinct n as needle from ${sql(name)} t, unnest(${[...needles]}::text[]) n where strpos(t::text, n) > 0`;
    found.push(...rows.map(({ needle }) => `${name} ${needle}`));
  }
  return found;
}
