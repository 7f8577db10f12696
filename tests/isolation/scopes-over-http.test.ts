import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getNamedType, isObjectType } from 'graphql';
import { createSchema } from '../../server/schema.js';
import { until } from '../support/bulkhead-process.js';
import { type GraphqlAnswer, type GraphqlClient, graphqlClient } from '../support/graphql-client.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';
import { type DataDigest, digestOf, withAdmin } from './data-digest.js';
import { change, type Seed, seed } from './seed.js';
import { ask } from './sweep/attack.js';
import { type Operation, operationOf } from './sweep/operation.js';
import { coordinatesOf } from './sweep/positions.js';
import { samples } from './sweep/samples.js';

const schema = createSchema();
const coordinates = coordinatesOf(schema);
const mutations = coordinates.filter(({ type }) => type === 'Mutation');

let deployment: TestDeployment;
let a: Seed;

beforeAll(async () => {
  deployment = await startTestDeployment();
  a = await seed(await deployment.createOrganization('A'), 'A');
});
afterAll(() => deployment.stop());

/** A client whose key has these scopes alone. */
const clientWith = async (...scopes: string[]): Promise<GraphqlClient> =>
  (await a.organization.createKey({ scopes })).client;

const codesOf = (answer: GraphqlAnswer) => answer.errors.map((error) => error.extensions.code);
const refused = (answer: GraphqlAnswer) => [answer.status, codesOf(answer)];
const notFound = [404, ['NOT_FOUND']];
const forbidden = [403, ['FORBIDDEN']];

/** What is stored of A beside its audit log. */
async function rowsOfA(): Promise<DataDigest> {
  const digest = await digestOf(deployment, a.ids.organization);
  return Object.fromEntries(Object.entries(digest).filter(([table]) => !table.includes(' audit.')));
}

/** Entries of the audit log of one key, oldest first. */
const auditOf = (keyId: string) =>
  withAdmin(
    deployment.adminUrl('operational'),
    (sql) =>
      sql<{ action: string; outcome: string; code: string }[]>`
      select action, outcome, code from audit.entries where actor_id = ${keyId} order by at`,
  );

describe('lists', () => {
  const count = async (client: GraphqlClient, field: string) => {
    const data = await client.ok(`{ ${field} { totalCount nodes { id } } }`);
    const { totalCount, nodes } = Object.values(data)[0] as { totalCount: number; nodes: { id: string }[] };
    expect(nodes).toHaveLength(totalCount);
    return nodes.map(({ id }) => id);
  };
  const allThings = 'things(first: 100)';

  it('hold what the key may read, and count nothing else', async () => {
    expect(await count(a.client, 'sites(first: 100)')).toHaveLength(2);
    expect(await count(await clientWith(`read PLACE/Site/${a.ids.site}`), 'sites(first: 100)')).toEqual([a.ids.site]);
    expect(await count(await clientWith(`read PLACE/Site/${randomUUID()}`), 'sites(first: 100)')).toEqual([]);

    expect(await count(a.client, allThings)).toHaveLength(4);
    const inSite = await count(await clientWith(`read PLACE/Site/${a.ids.site}/THING/#/#`), allThings);
    expect(inSite).toHaveLength(2);
    expect(await count(await clientWith('read PLACE/Fleet/#/THING/#/#'), allThings)).toHaveLength(2);
    expect(await count(await clientWith(`read THING/#/${a.ids.thing}`), allThings)).toEqual([a.ids.thing]);
    expect(await count(await clientWith(`read THING/${a.ids.subThingType}/#`), allThings)).toEqual([]);
    expect(await count(await clientWith(`read THING/${a.names.thingType}/#`), allThings)).toHaveLength(4);

    const egress = await clientWith('read INTEGRATION/EGRESS/#/#');
    expect(await count(egress, 'integrations(first: 100)')).toEqual([a.ids.egressIntegration]);
    const metric = await clientWith(`read DEFINITION/Metric/${a.ids.metric}`);
    expect(await count(metric, 'metricDefinitions(first: 100)')).toEqual([a.ids.metric]);
    const key = await clientWith(`read APIKEY/${a.ids.apiKey}`);
    expect(await count(key, 'apiKeys(first: 100)')).toEqual([a.ids.apiKey]);
  });

  it('add up several scopes', async () => {
    const client = await clientWith(`read THING/#/${a.ids.fleetThing}`, `read PLACE/Site/${a.ids.site}/THING/#/#`);
    expect(await count(client, allThings)).toHaveLength(3);
  });

  it('hold nothing that the key may only write', async () => {
    const client = await clientWith('write THING/#/#', `read THING/#/${a.ids.thing}`);
    expect(await count(client, allThings)).toEqual([a.ids.thing]);
  });

  it('are refused without any scope on their noun', async () => {
    const client = await clientWith(`read PLACE/Site/${a.ids.site}`);
    expect(refused(await client.send('{ fleets(first: 1) { totalCount } }'))).toEqual(forbidden);
    expect(refused(await client.send(`{ ${allThings} { totalCount } }`))).toEqual(forbidden);
    const nested = await client.send(`{ site(id: "${a.ids.site}") { name ${allThings} { totalCount } } }`);
    expect([nested.status, nested.data.site, codesOf(nested)]).toEqual([
      200,
      { name: a.names.site, things: null },
      ['FORBIDDEN'],
    ]);
  });

  it('below a place and below a type are filtered alike, and so are series of places', async () => {
    const client = await clientWith(
      `read PLACE/Site/${a.ids.site}`,
      `read DEFINITION/ThingType/${a.ids.thingType}`,
      `read THING/#/${a.ids.thing}`,
    );
    const window = `start: "${new Date(Date.now() - 3_600_000).toISOString()}", end: "${new Date().toISOString()}"`;
    const read = await client.ok(
      `{ site(id: "${a.ids.site}") { ${allThings} { totalCount nodes { id } } timeseries(${window}) { points { thingId } } }
         thingType(id: "${a.ids.thingType}") { ${allThings} { totalCount nodes { id } } } }`,
    );
    const one = { totalCount: 1, nodes: [{ id: a.ids.thing }] };
    expect([read.site.things, read.thingType.things]).toEqual([one, one]);
    const points = read.site.timeseries.flatMap((series: { points: { thingId: string }[] }) => series.points);
    expect(new Set(points.map(({ thingId }: { thingId: string }) => thingId))).toEqual(new Set([a.ids.thing]));
  });
});

describe('one row', () => {
  it('that the key may not read is not found, just as one that never was', async () => {
    const client = await clientWith(`read PLACE/Site/${randomUUID()}`, `read THING/#/${randomUUID()}`);
    const ask = (field: string, id: string) => client.send(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id });
    for (const [field, id] of [
      ['site', a.ids.site],
      ['thing', a.ids.thing],
    ] as const) {
      const hidden = await ask(field, id);
      const never = await ask(field, randomUUID());
      expect(refused(hidden)).toEqual(notFound);
      expect([hidden.text, hidden.status]).toEqual([never.text, never.status]);
      expect((await a.client.ok(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id }))[field]).toEqual({ id });
    }
  });

  it('that the key sees but may not change is FORBIDDEN, and one that it does not see is not found', async () => {
    const { key, client } = await keyWith(`read PLACE/Site/${a.ids.site}`, `write PLACE/Fleet/${a.ids.fleet}`);
    const update = (noun: string, id: string) =>
      client.send(`mutation ($input: Update${noun}Input!) { update${noun}(input: $input) { __typename } }`, {
        input: { id, name: 'changed' },
      });
    const writer = await keyWith(`read PLACE/Site/${a.ids.site}`, `write PLACE/Site/${randomUUID()}`);
    const before = await rowsOfA();
    expect(refused(await update('Site', a.ids.site))).toEqual(forbidden);
    const visible = await writer.client.send(
      `mutation { updateSite(input: { id: "${a.ids.site}", name: "changed" }) { site { id } } }`,
    );
    expect(refused(visible)).toEqual(forbidden);
    const hidden = await writer.client.send(
      `mutation { deleteSite(input: { id: "${(await otherSite()).id}" }) { id } }`,
    );
    expect(refused(hidden)).toEqual(notFound);
    expect(await rowsOfA()).toEqual(before);
    expect([...(await auditOf(key))]).toEqual([{ action: 'updateSite', outcome: 'REFUSED', code: 'FORBIDDEN' }]);
    expect([...(await auditOf(writer.key))]).toEqual([
      { action: 'updateSite', outcome: 'REFUSED', code: 'FORBIDDEN' },
      { action: 'deleteSite', outcome: 'REFUSED', code: 'NOT_FOUND' },
    ]);
    expect((await update('Fleet', a.ids.fleet)).errors).toEqual([]);
  });
});

async function keyWith(...scopes: string[]): Promise<{ key: string; client: GraphqlClient }> {
  const { id, client } = await a.organization.createKey({ scopes });
  return { key: id, client };
}

async function otherSite(): Promise<{ id: string }> {
  const { sites } = await a.client.ok('{ sites(first: 10) { nodes { id } } }');
  return sites.nodes.find(({ id }: { id: string }) => id !== a.ids.site);
}

/** A call of every field with own values, prepared before anything is compared. */
async function allCalls(of: typeof coordinates): Promise<{ name: string; operation: Operation }[]> {
  const calls = [];
  for (const coordinate of of) {
    for (const sample of samples[coordinate.name] ?? []) {
      calls.push({ name: coordinate.name, operation: operationOf(coordinate, a, (await sample(a))()) });
    }
  }
  return calls;
}

describe('a key that may read things', () => {
  const open = ['Query.me', 'Query.rateLimits', 'Query.metricSchema', 'Query.things', 'Query.thing'];

  it('is refused every other query and every mutation, changes nothing, and leaves an entry for each attempt', async () => {
    const { key, client } = await keyWith('read THING/#/#');
    const roots = coordinates.filter(({ type, name }) => ['Query', 'Mutation'].includes(type) && !open.includes(name));
    const calls = await allCalls(roots);
    const before = await rowsOfA();
    const outcomes = [];
    for (const { name, operation } of calls) {
      const answer = await ask(client, operation);
      outcomes.push({ name, refused: refused(answer), data: answer.data?.[operation.path[0]!] ?? null });
    }
    expect(outcomes).toEqual(calls.map(({ name }) => ({ name, refused: forbidden, data: null })));
    expect(await rowsOfA()).toEqual(before);
    const expected = calls
      .filter(({ name }) => name.startsWith('Mutation.'))
      .map(({ name }) => ({ action: name.slice('Mutation.'.length), outcome: 'REFUSED', code: 'FORBIDDEN' }));
    expect([...(await auditOf(key))]).toEqual(expected);
  });

  it('reads things, their telemetry, and of their relations only that they are there', async () => {
    const { client } = await keyWith('read THING/#/#');
    const answer = await client.send(
      `query ($id: ID!) { thing(id: $id) {
        name placeId levelId typeId typeVersionId integrationIds
        place { id } level { id } type { id } typeVersion { id } latest { metricId metricName value metric { id } } } }`,
      { id: a.ids.thing },
    );
    expect(answer.status).toBe(200);
    expect(answer.data.thing).toMatchObject({
      name: a.names.thing,
      placeId: a.ids.site,
      typeId: a.ids.thingType,
      place: null,
      level: null,
      type: null,
      typeVersion: null,
    });
    const { latest } = answer.data.thing;
    expect(latest).toHaveLength(2);
    expect(latest.every((reading: { metric: unknown }) => reading.metric === null)).toBe(true);
    const paths = answer.errors.map(({ path, extensions }) => `${path?.at(-1)} ${extensions.code}`);
    expect(paths.sort()).toEqual(
      ['level', 'metric', 'metric', 'place', 'type', 'typeVersion'].map((name) => `${name} FORBIDDEN`),
    );
  });

  it('is shown no relation by a scope on another resource of the noun', async () => {
    const { client } = await keyWith(
      'read THING/#/#',
      `read PLACE/Site/${(await otherSite()).id}`,
      `read DEFINITION/ThingType/${a.ids.subThingType}`,
      `read DEFINITION/ThingTypeVersion/${a.ids.firstThingTypeVersion}`,
      `read DEFINITION/Metric/${a.ids.textMetric}`,
    );
    const answer = await client.send(
      `query ($id: ID!) { thing(id: $id) { place { id } level { id } type { id } typeVersion { id }
        latest(metricIds: ["${a.ids.metric}"]) { metric { id } } } }`,
      { id: a.ids.thing },
    );
    expect(answer.data.thing).toEqual({
      place: null,
      level: null,
      type: null,
      typeVersion: null,
      latest: [{ metric: null }],
    });
    expect(new Set(codesOf(answer))).toEqual(new Set(['FORBIDDEN']));
  });
});

describe('a key that may read integrations', () => {
  it('is shown of their secrets nothing, not even names', async () => {
    const document = `{ integration(id: "${a.ids.integration}") { id secrets { name } } }`;
    const { client } = await keyWith('read INTEGRATION/#/#/#', `read SECRET/${a.ids.egressIntegration}`);
    const answer = await client.send(document);
    expect([answer.data.integration.secrets, codesOf(answer)]).toEqual([null, ['FORBIDDEN']]);
    const reader = await keyWith('read INTEGRATION/#/#/#', `read SECRET/${a.ids.integration}`);
    expect((await reader.client.ok(document)).integration.secrets).toHaveLength(3);
  });
});

describe('a key that may write the things of one site', () => {
  it('changes and feeds these, and no other thing', async () => {
    const { client } = await keyWith(`write PLACE/Site/${a.ids.site}/THING/#/#`);
    const update = (id: string) =>
      client.send('mutation ($input: UpdateThingInput!) { updateThing(input: $input) { thing { id } } }', {
        input: { id, model: 'changed' },
      });
    const ingest = (...ids: string[]) =>
      client.send('mutation ($input: IngestFramesInput!) { ingestFrames(input: $input) { framesIngested } }', {
        input: {
          things: ids.map((thingId) => ({
            thingId,
            frames: [{ timestamp: Date.now(), metrics: { [a.names.metric]: 1 } }],
          })),
        },
      });
    expect((await update(a.ids.thing)).errors).toEqual([]);
    expect((await ingest(a.ids.thing)).errors).toEqual([]);

    const before = await rowsOfA();
    expect(refused(await update(a.ids.fleetThing))).toEqual(notFound);
    expect(refused(await ingest(a.ids.fleetThing))).toEqual(notFound);
    expect(refused(await ingest(a.ids.thing, a.ids.fleetThing))).toEqual(notFound);
    const create = await client.send(
      `mutation { createThing(input: { placeId: "${a.ids.site}", typeId: "${a.ids.thingType}", name: "x" }) { id } }`,
    );
    expect(refused(create)).toEqual(forbidden);
    expect(refused(await client.send(`mutation { deleteSite(input: { id: "${a.ids.site}" }) { id } }`))).toEqual(
      forbidden,
    );
    expect(await rowsOfA()).toEqual(before);
  });

  it('may not put them on a level of another site', async () => {
    const { id: siteId } = await otherSite();
    const type = await change(a.client, 'createLevelType', { siteId, name: 'root' });
    const level = await change(a.client, 'createLevel', { siteId, levelTypeId: type.id, name: 'root' });
    const { client } = await keyWith(`write PLACE/Site/${a.ids.site}/THING/#/#`);
    const move = await client.send(
      `mutation { updateThing(input: { id: "${a.ids.thing}", levelId: "${level.id}" }) { thing { id } } }`,
    );
    expect(refused(move)).toEqual([422, ['BAD_USER_INPUT']]);
  });
});

/**
 * Who makes a monitor is shown what it finds, who applies a template what it makes, and an archive holds everything: all of
 * them must be able to read.
 */
const needsToRead = [
  'Mutation.createMonitor',
  'Mutation.updateMonitor',
  'Mutation.testTemplate',
  'Mutation.ingestViaTemplate',
  'Mutation.createExport',
];

describe('a key that may write and not read', () => {
  it('can do every mutation that shows nothing, and is shown no object by any', async () => {
    const { client } = await keyWith('write *', 'admin *');
    const shown: string[] = [];
    for (const { name, operation } of await allCalls(mutations)) {
      const answer = await ask(client, operation);
      // It would be the last mutation of A.
      if (name === 'Mutation.deleteOrganization') continue;
      if (needsToRead.includes(name)) {
        expect([name, refused(answer)]).toEqual([name, name === 'Mutation.ingestViaTemplate' ? notFound : forbidden]);
        continue;
      }
      if (answer.errors.length > 0) shown.push(`${name} is refused: ${answer.text}`);
      const { field } = mutations.find((candidate) => candidate.name === name)!;
      const payload = getNamedType(field.type);
      if (!isObjectType(payload)) throw new Error(`${name} answers no object`);
      for (const part of Object.values(payload.getFields())) {
        const inner = getNamedType(part.type);
        const value = answer.data?.[field.name]?.[part.name];
        if (isObjectType(inner) && inner.name !== 'ThingIngest' && value !== null)
          shown.push(`${name} shows ${part.name}`);
      }
    }
    expect(shown).toEqual([]);
  });
});

describe('where a key may be used from', () => {
  const from = async (key: string, address: string) => {
    const response = await fetch(`${deployment.gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key, 'x-forwarded-for': address },
      body: JSON.stringify({ query: '{ me { keyId } }' }),
    });
    const { errors } = JSON.parse(await response.text());
    return [response.status, errors?.[0].extensions.code];
  };
  const let_in = [200, undefined];
  const kept_out = [403, 'ADDRESS_NOT_ALLOWED'];

  it.each([
    { cidrs: [], inside: ['192.0.2.1', '2001:db8::1'], outside: [] },
    { cidrs: ['*'], inside: ['192.0.2.1', '2001:db8::1'], outside: [] },
    { cidrs: ['192.0.2.7'], inside: ['192.0.2.7', '::ffff:192.0.2.7'], outside: ['192.0.2.8', '::1', '2001:db8::7'] },
    { cidrs: ['192.0.2.0/24'], inside: ['192.0.2.255'], outside: ['192.0.3.0', '::ffff:192.0.3.0'] },
    { cidrs: ['2001:db8::/32'], inside: ['2001:db8:ffff::1'], outside: ['2001:db9::1', '192.0.2.1'] },
    { cidrs: ['0.0.0.0/0'], inside: ['192.0.2.1'], outside: ['2001:db8::1'] },
  ])('$cidrs', async ({ cidrs, inside, outside }) => {
    const { text } = await a.organization.createKey({ scopes: ['read AUDIT'], allowedCidrs: cidrs });
    for (const address of inside) expect([address, await from(text, address)]).toEqual([address, let_in]);
    for (const address of outside) expect([address, await from(text, address)]).toEqual([address, kept_out]);
  });

  it('is decided by the nearest address that is no proxy, not by what the caller writes before it', async () => {
    const { text } = await a.organization.createKey({ scopes: ['read AUDIT'], allowedCidrs: ['192.0.2.7'] });
    expect(await from(text, '192.0.2.7, 198.51.100.1')).toEqual(kept_out);
    expect(await from(text, '198.51.100.1, 192.0.2.7')).toEqual(let_in);
  });
});

describe('the life of a key', () => {
  const me = '{ me { keyId } }';
  const statusOf = async (url: string, key: string) => (await graphqlClient(url, key).send(me)).status;

  it('ends with its revocation on every gateway, from the next request on', async () => {
    const other = await deployment.startGateway();
    for (let round = 0; round < 5; round += 1) {
      const { id, text } = await a.organization.createKey({ scopes: ['read THING/#/#'] });
      for (const url of [deployment.gateway.url, other.url]) expect(await statusOf(url, text)).toBe(200);
      await change(a.client, 'revokeApiKey', { id }, 'apiKey { status }');
      for (const url of [other.url, deployment.gateway.url]) expect(await statusOf(url, text)).toBe(401);
    }
  });

  it('ends with its expiry', async () => {
    const { id, text, client } = await a.organization.createKey({ scopes: ['read THING/#/#'] });
    expect((await client.send(me)).status).toBe(200);
    await change(a.client, 'updateApiKey', { id, expiresAt: new Date(Date.now() + 3_000) }, 'apiKey { id }');
    const status = await until('the expiry', async () => {
      const found = await statusOf(deployment.gateway.url, text);
      return found === 200 ? undefined : found;
    });
    expect(status).toBe(401);
  });

  it('goes on with a new secret after a rotation, the old one for the grace period', async () => {
    const { id, text } = await a.organization.createKey({ scopes: ['read THING/#/#'] });
    const rotate = async (graceSeconds: number) =>
      (await change(a.client, 'rotateApiKey', { id, graceSeconds }, 'secret')).secret as string;
    const { url } = deployment.gateway;
    const second = await rotate(3600);
    expect([await statusOf(url, text), await statusOf(url, second)]).toEqual([200, 200]);
    const third = await rotate(0);
    expect([await statusOf(url, text), await statusOf(url, second), await statusOf(url, third)]).toEqual([
      401, 401, 200,
    ]);
    const fourth = await rotate(3600);
    await withAdmin(
      deployment.adminUrl('operational'),
      (sql) => sql`update app.api_key_secrets set valid_until = now() - interval '1 ms'
                   where key_id = ${id} and valid_until > now()`,
    );
    expect([await statusOf(url, third), await statusOf(url, fourth)]).toEqual([401, 200]);
  });
});

describe('a key that may administer keys', () => {
  const scope = (action: string, resourceFilter: string) => ({ action, resourceFilter });

  it('makes, changes and rotates none that may do more than itself', async () => {
    const strong = await a.organization.createKey({ scopes: ['* *'] });
    const caller = await a.organization.createKey({
      scopes: ['admin APIKEY/#', 'read APIKEY/#', `read PLACE/Site/${a.ids.site}/THING/#/#`],
      allowedCidrs: ['127.0.0.0/8'],
      expiresAt: new Date(Date.now() + 3_600_000),
    });
    const within = {
      name: 'within',
      type: 'ADMIN',
      scopes: [scope('READ', `PLACE/Site/${a.ids.site}/THING/${a.ids.thingType}/#`)],
      allowedCidrs: ['127.0.0.1'],
      expiresAt: new Date(Date.now() + 1_800_000),
    };
    const made = await change(caller.client, 'createApiKey', within);
    const create = (input: object) =>
      caller.client.send('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { id secret } }', {
        input: { ...within, ...input },
      });
    const update = (id: string, input: object) =>
      caller.client.send('mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }', {
        input: { id, ...input },
      });
    const byId = (name: string, id: string) =>
      caller.client.send(`mutation { ${name}(input: { id: "${id}" }) { apiKey { id } } }`);

    const before = await rowsOfA();
    const beyond = [
      { scopes: [scope('ANY', '*')] },
      { scopes: [scope('READ', '*')] },
      { scopes: [scope('WRITE', `PLACE/Site/${a.ids.site}/THING/#/#`)] },
      { scopes: [scope('READ', 'THING/#/#')] },
      { scopes: [scope('READ', `PLACE/Site/${a.ids.site}`)] },
      { scopes: [...within.scopes, scope('READ', 'AUDIT')] },
      { allowedCidrs: [] },
      { allowedCidrs: ['*'] },
      { allowedCidrs: ['10.0.0.0/8'] },
      { expiresAt: null },
      { expiresAt: new Date(Date.now() + 7_200_000) },
    ];
    for (const input of beyond) {
      expect([input, refused(await create(input))]).toEqual([input, forbidden]);
      expect([input, refused(await update(made.id, input))]).toEqual([input, forbidden]);
      expect([input, refused(await update(caller.id, input))]).toEqual([input, forbidden]);
    }
    for (const name of ['rotateApiKey', 'revokeApiKey']) {
      expect([name, refused(await byId(name, strong.id))]).toEqual([name, forbidden]);
    }
    expect(refused(await update(strong.id, { name: 'taken over' }))).toEqual(forbidden);
    expect(await rowsOfA()).toEqual(before);
    expect((await update(made.id, { name: 'renamed' })).errors).toEqual([]);
    expect((await byId('rotateApiKey', made.id)).errors).toEqual([]);
  });

  it('makes no key for other parties that administers or may do everything', async () => {
    const answers = await Promise.all(
      [scope('ADMIN', 'APIKEY/#'), scope('ANY', '*'), scope('ANY', 'THING/#/#')].map((each) =>
        a.client.send('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { id } }', {
          input: { name: 'external', type: 'EXTERNAL', scopes: [each] },
        }),
      ),
    );
    expect(answers.map(refused)).toEqual(answers.map(() => [422, ['BAD_USER_INPUT']]));
  });
});
