import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSchema } from '../../server/schema.js';
import { digestOf, withAdmin } from '../isolation/data-digest.js';
import { type Seed, seed } from '../isolation/seed.js';
import { operationOf } from '../isolation/sweep/operation.js';
import { type Coordinate, coordinatesOf } from '../isolation/sweep/positions.js';
import { mutationSamples } from '../isolation/sweep/samples-of-mutations.js';
import type { GraphqlAnswer } from '../support/graphql-client.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';

let deployment: TestDeployment;
let own: Seed;
let reader: Awaited<ReturnType<Seed['organization']['createKey']>>;

beforeAll(async () => {
  deployment = await startTestDeployment();
  own = await seed(await deployment.createOrganization('Audited'), 'A');
  reader = await own.organization.createKey({ scopes: ['read *'] });
});
afterAll(() => deployment.stop());

/**
 * All but the dry run, which changes nothing: to read the template suffices, and it leaves no entry; and the deletion of the
 * organization, which would be the last one.
 */
const apart = ['testTemplate', 'deleteOrganization'];
const mutations = coordinatesOf(createSchema()).filter(
  ({ type, field }) => type === 'Mutation' && !apart.includes(field.name),
);
const isCounted = ({ field }: Coordinate) => field.name.startsWith('ingest');
/** Changes of more than one store: announced before the first of them. */
const announced = new Set(['deleteThing', 'putSecret', 'rotateSecret', 'deleteSecret', 'deleteIntegration']);
const requestIdOf = (answer: GraphqlAnswer) => answer.headers.get('x-request-id');

interface Entry {
  readonly actorType: string;
  readonly actorId: string;
  readonly action: string;
  readonly resource: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly clientAddress: string | null;
}

/** Entries that a request has left, oldest first. */
function entriesOf(answer: GraphqlAnswer): Promise<Entry[]> {
  return withAdmin(
    deployment.adminUrl('operational'),
    (sql) => sql<Entry[]>`
      select actor_type as "actorType", actor_id as "actorId", action, resource, outcome, code,
             client_address as "clientAddress"
      from audit.entries where org_id = ${own.ids.organization} and request_id = ${requestIdOf(answer)} order by at`,
  );
}

function usageOf(action: string): Promise<{ calls: number; amount: number }> {
  return withAdmin(deployment.adminUrl('operational'), async (sql) => {
    const [row] = await sql<{ calls: number; amount: number }[]>`
      select coalesce(sum(calls), 0)::int as calls, coalesce(sum(amount), 0)::int as amount
      from audit.usage where org_id = ${own.ids.organization} and action = ${action}`;
    return row!;
  });
}

/** The operation of the first sample of a mutation, ready to be sent once. */
async function prepared(coordinate: Coordinate) {
  const [sample] = mutationSamples[coordinate.name] ?? [];
  if (sample === undefined) throw new Error(`${coordinate.name} has no sample`);
  return operationOf(coordinate, own, (await sample(own))());
}

/** Everything that is stored, but for the audit log itself. */
async function storedBesideAudit() {
  const { 'operational audit.entries': entries, ...others } = await digestOf(deployment, own.ids.organization);
  expect(entries).toBeDefined();
  return others;
}

/** Path of what a mutation has changed, or was to change. */
function resourceOf(name: string, id: string): string {
  const { ids } = own;
  const noun = name.replace(/^[a-z]+/, '');
  if (['Organization', 'Retention', 'DefinitionPurge'].includes(noun)) return `ORGANIZATION/${ids.organization}`;
  if (noun === 'Site' || noun === 'Fleet') return `PLACE/${noun}/${id}`;
  if (noun.startsWith('Level')) return `PLACE/Site/${ids.site}`;
  if (noun === 'Thing') return `PLACE/Site/${ids.site}/THING/${ids.thingType}/${id}`;
  if (noun === 'Resource') return `INTEGRATION/EGRESS/WEBHOOK/${ids.egressIntegration}`;
  if (noun.startsWith('Integration') || noun === 'Send') return `INTEGRATION/EGRESS/(WEBHOOK|PAGER)/${id}`;
  if (noun === 'Export') return `ORGANIZATION/${ids.organization}`;
  if (noun.startsWith('Monitor')) return `MONITOR/${id}`;
  if (noun === 'Template') return `TEMPLATE/THING_DATA/${id}`;
  if (noun === 'Secret') return `SECRET/${ids.egressIntegration}`;
  if (noun === 'ApiKey') return `APIKEY/${id}`;
  return `DEFINITION/${noun}/${id}`;
}

describe('a change that was made', () => {
  it.each(mutations.filter((each) => !isCounted(each)))('$name leaves one entry', async (coordinate) => {
    const { name } = coordinate.field;
    const { document, variables } = await prepared(coordinate);
    const answer = await own.client.send(document, variables);
    expect(answer.errors).toEqual([]);
    const { id } = { ...(variables['input'] as { id?: string }), ...answer.data[name] };
    const entries = await entriesOf(answer);
    const entry = {
      actorType: 'API_KEY',
      actorId: own.client.key!.split('_')[2],
      action: name,
      resource: expect.stringMatching(`^${resourceOf(name, id)}$`),
      code: null,
      clientAddress: '127.0.0.1',
    };
    const outcomes = announced.has(name) ? ['INTENDED', 'SUCCEEDED'] : ['SUCCEEDED'];
    expect(entries).toEqual(outcomes.map((outcome) => ({ ...entry, outcome })));
  });

  it.each(mutations.filter(isCounted))('$name is counted', async (coordinate) => {
    const { name } = coordinate.field;
    const { document, variables } = await prepared(coordinate);
    const before = await usageOf(name);
    const answer = await own.client.send(document, variables);
    expect(answer.errors).toEqual([]);
    expect(await entriesOf(answer)).toEqual([]);
    const { calls, amount } = before;
    const after = await usageOf(name);
    expect(after.calls).toBe(calls + 1);
    const { framesIngested, report } = answer.data[name];
    expect(after.amount - amount).toBe(framesIngested ?? report.readingsWritten);
    if (report === undefined) expect(framesIngested).toBeGreaterThan(0);
  });

  it('names the address that the trusted proxy names', async () => {
    const response = await fetch(`${own.client.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': own.client.key!, 'x-forwarded-for': '203.0.113.7' },
      body: JSON.stringify({ query: 'mutation { setRetention(input: { days: 365 }) { organization { id } } }' }),
    });
    expect(response.status).toBe(200);
    const entries = await entriesOf({ headers: response.headers } as GraphqlAnswer);
    expect(entries).toMatchObject([{ action: 'setRetention', clientAddress: '203.0.113.7' }]);
  });
});

describe('an attempt that was refused', () => {
  it('leaves one entry for every mutation that a rule forbids, and changes nothing', async () => {
    const operations = [];
    for (const coordinate of mutations) operations.push({ coordinate, ...(await prepared(coordinate)) });
    const before = await storedBesideAudit();
    for (const { coordinate, document, variables } of operations) {
      const answer = await reader.client.send(document, variables);
      expect(answer.errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
      expect(await entriesOf(answer)).toEqual([
        {
          actorType: 'API_KEY',
          actorId: reader.id,
          action: coordinate.field.name,
          resource: expect.stringMatching(/^[A-Z]/),
          outcome: 'REFUSED',
          code: 'FORBIDDEN',
          clientAddress: '127.0.0.1',
        },
      ]);
    }
    expect(await storedBesideAudit()).toEqual(before);
  });

  const unknown = randomUUID();
  const refusals: readonly (readonly [code: string, name: string, input: () => object, resource: () => string])[] = [
    ['NOT_FOUND', 'updateSite', () => ({ id: unknown, name: 'x' }), () => `PLACE/Site/${unknown}`],
    ['NOT_FOUND', 'deleteThing', () => ({ id: unknown }), () => `PLACE/#/#/THING/#/${unknown}`],
    ['NOT_FOUND', 'putSecret', () => ({ integrationId: unknown, name: 'x', value: 'x' }), () => `SECRET/${unknown}`],
    [
      'CONFLICT',
      'createMetric',
      () => ({ name: own.names.metric, dataType: 'INT', defaultAggregation: 'SUM' }),
      () => 'DEFINITION/Metric/#',
    ],
    ['CONFLICT', 'deleteSite', () => ({ id: own.ids.site }), () => `PLACE/Site/${own.ids.site}`],
    [
      'CONFLICT',
      'deleteIntegration',
      () => ({ id: own.ids.integration }),
      () => `INTEGRATION/#/#/${own.ids.integration}`,
    ],
    ['BAD_USER_INPUT', 'setRetention', () => ({ days: 0 }), () => `ORGANIZATION/${own.ids.organization}`],
    ['BAD_USER_INPUT', 'createFleet', () => ({ name: '' }), () => 'PLACE/Fleet/#'],
    [
      'BAD_USER_INPUT',
      'ingestFrames',
      () => ({ things: [{ thingId: own.ids.thing, frames: [{ timestamp: 1, metrics: { [own.names.metric]: 1 } }] }] }),
      () => 'PLACE/#/#/THING/#/#',
    ],
  ];
  it.each(refusals)('leaves one entry with %s of %s, and changes nothing', async (code, name, input, resource) => {
    const type = mutations.find(({ field }) => field.name === name)!.field.args[0]!.type;
    const { 'operational audit.usage': _counted, ...before } = await storedBesideAudit();
    const answer = await own.client.send(`mutation ($input: ${type}) { ${name}(input: $input) { __typename } }`, {
      input: input(),
    });
    expect(answer.errors.map(({ extensions }) => extensions.code)).toEqual([code]);
    const entries = await entriesOf(answer);
    expect(entries).toMatchObject([{ action: name, outcome: 'REFUSED', code, clientAddress: '127.0.0.1' }]);
    expect(entries[0]!.resource).toBe(resource());
    const { 'operational audit.usage': _countedToo, ...after } = await storedBesideAudit();
    expect(after).toEqual(before);
  });
});

describe('an attempt that failed in the vault', () => {
  it.each([
    ['CONFLICT', 'putSecret', () => ({ name: own.names.secret, value: 'x' })],
    ['NOT_FOUND', 'rotateSecret', () => ({ name: 'none', value: 'x' })],
    ['NOT_FOUND', 'deleteSecret', () => ({ name: 'none' })],
  ] as const)('leaves the outcome %s of what was announced, once, of %s', async (code, name, input) => {
    const type = mutations.find(({ field }) => field.name === name)!.field.args[0]!.type;
    const before = await storedBesideAudit();
    const answer = await own.client.send(`mutation ($input: ${type}) { ${name}(input: $input) { __typename } }`, {
      input: { integrationId: own.ids.integration, ...input() },
    });
    expect(answer.errors.map(({ extensions }) => extensions.code)).toEqual([code]);
    const is = { action: name, resource: `SECRET/${own.ids.integration}` };
    expect(await entriesOf(answer)).toMatchObject([
      { ...is, outcome: 'INTENDED', code: null },
      { ...is, outcome: 'FAILED', code },
    ]);
    expect(await storedBesideAudit()).toEqual(before);
  });
});
