import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';
import { Webhook } from 'standardwebhooks';
import { until } from '../support/bulkhead-process.js';
import { rawRequest } from '../support/raw-request.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

/*
 * What third parties post to hooks, as readings of things: mapped by a template, to the things that an id of the third
 * party is mapped to.
 */
const secret = `whsec_${randomBytes(32).toString('base64')}`;

let deployment: TestDeployment;
let admin: postgres.Sql;
let organization: TestOrganization;
let siteId: string;
let otherSiteId: string;
let typeId: string;
let metricId: string;
let templateId: string;
const things: Record<'one' | 'two' | 'elsewhere', string> = { one: '', two: '', elsewhere: '' };

beforeAll(async () => {
  deployment = await startTestDeployment();
  admin = postgres(deployment.adminUrl('operational'), { max: 1, onnotice: () => {} });
  organization = await deployment.createOrganization('Readings');
  const site = { latitude: 1, longitude: 2, address: '' };
  siteId = await create('Site', { name: 'Site', ...site });
  otherSiteId = await create('Site', { name: 'Other', ...site });
  metricId = await create('Metric', { name: 'power', dataType: 'DOUBLE', defaultAggregation: 'LAST' });
  typeId = await create('ThingType', { displayName: 'Meter', metricIds: [metricId] });
  for (const [name, placeId] of Object.entries({ one: siteId, two: siteId, elsewhere: otherSiteId })) {
    things[name as keyof typeof things] = await create('Thing', { placeId, typeId, name });
  }
  templateId = await create('Template', {
    name: 'Meters',
    target: 'THING_DATA',
    format: 'JSON_POINTER',
    spec: {
      timestamp: { pointer: '/at', format: 'EPOCH_MILLIS' },
      mappings: [{ metricId, pointer: '/data/power', required: true }],
    },
  });
});
afterAll(async () => {
  await admin?.end();
  await deployment?.stop();
});

async function change(name: string, input: object, select = 'id', client = organization.client) {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const data = await client.ok(`mutation ($input: ${type}!) { ${name}(input: $input) { ${select} } }`, { input });
  return data[name];
}
const create = async (noun: string, input: object): Promise<string> => (await change(`create${noun}`, input)).id;

const hookInput = (properties: object, more: object = {}) => ({
  name: 'Meters',
  direction: 'INGRESS',
  type: 'WEBHOOK',
  properties,
  ...more,
});

async function createHook(properties: object, more: object = {}): Promise<string> {
  const id = await create('Integration', hookInput({ templateId: [templateId], ...properties }, more));
  await change('putSecret', { integrationId: id, name: 'signingSecret', value: secret }, 'version');
  return id;
}

const createHandler = (source: string): Promise<string> =>
  create('Template', {
    name: `Handler of ${source.length}`,
    target: 'THING_DATA',
    format: 'JAVASCRIPT_HANDLER',
    spec: { source },
  });

let eventNumber = 0;
const newEventId = () => {
  eventNumber += 1;
  return `msg_${eventNumber}`;
};

async function post(hook: string, body: string, id = newEventId()) {
  const at = new Date();
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
  return { id, answer: await rawRequest(deployment.gateway.url, { path: `/hooks/${hook}`, body, headers }) };
}

const written = (hook: string, eventId: string) =>
  until('the event to be written', async () => {
    const { integration } = await organization.client.ok(
      `query ($id: ID!) { integration(id: $id) {
         inboundEvents(first: 100) { nodes { eventId status attempts report failure finishedAt } } } }`,
      { id: hook },
    );
    return integration.inboundEvents.nodes.find(
      (node: { eventId: string; status: string }) => node.eventId === eventId && node.status !== 'PENDING',
    );
  });

async function powerOf(thingId: string): Promise<{ at: string; value: number } | undefined> {
  const { thing } = await organization.client.ok(
    `query ($id: ID!, $metricIds: [ID!]) { thing(id: $id) { latest(metricIds: $metricIds) { at value } } }`,
    { id: thingId, metricIds: [metricId] },
  );
  return thing.latest[0];
}

const nowMs = () => Math.floor(Date.now() / 1000) * 1000;
const document = (power: unknown, meter: unknown = 'm-1', at = nowMs()) =>
  JSON.stringify({ at, data: { power, meter } });

describe('an event of a hook with a template', () => {
  it('becomes readings of its thing, with a report', async () => {
    const hook = await createHook({ thingId: [things.one] });
    const { id, answer } = await post(hook, document(41.5));
    expect(answer.status).toBe(200);
    const event = await written(hook, id);
    expect(event).toMatchObject({ status: 'APPLIED', attempts: 1, failure: null });
    expect(event.report.things).toMatchObject([{ thingId: things.one, templateId, readingsWritten: 1 }]);
    expect(await powerOf(things.one)).toMatchObject({ value: 41.5 });
    const [row] = await admin`select body, due_at from app.inbound_events where event_id = ${id}`;
    expect(row).toEqual({ body: null, due_at: null });
  });

  it('goes to all things that the id at its pointer is mapped to, and to no other', async () => {
    const hook = await createHook({ thingPointer: ['/data/meter'] });
    for (const resourceId of [things.one, things.two]) {
      const mapping = { integrationId: hook, resourceThirdPartyId: '4711', resourceBaseType: 'THING', resourceId };
      await change('mapResource', mapping);
    }
    // A number in the document, a text in the mapping.
    const { id } = await post(hook, document(7, 4711));
    const { report } = await written(hook, id);
    expect(report.things.map(({ thingId }: { thingId: string }) => thingId)).toEqual([things.one, things.two]);
    expect(await powerOf(things.two)).toMatchObject({ value: 7 });
    expect(await powerOf(things.elsewhere)).toBeUndefined();
  });

  it('is written once, however often it comes', async () => {
    const hook = await createHook({ thingId: [things.one] });
    const usage = async () =>
      Number(
        (await admin`select coalesce(sum(calls), 0) as calls from audit.usage where actor_id = 'hooks'`)[0]?.['calls'],
      );
    const before = await usage();
    const body = document(12);
    const posts = await Promise.all(Array.from({ length: 20 }, () => post(hook, body, 'msg_once')));
    expect(posts.map(({ answer }) => answer.status)).toEqual(Array(20).fill(200));
    expect(await written(hook, 'msg_once')).toMatchObject({ status: 'APPLIED', attempts: 1 });
    expect(await admin`select from app.inbound_events where integration_id = ${hook}`).toHaveLength(1);
    expect(await usage()).toBe(before + 1);
  });

  it('tells what the template leaves out', async () => {
    const hook = await createHook({ thingId: [things.one] });
    const { id } = await post(hook, document('no number'));
    const { status, report } = await written(hook, id);
    expect([status, report.things[0].readingsWritten]).toEqual(['APPLIED', 0]);
    expect(JSON.stringify(report)).toContain(metricId);
  });

  it.each<[string, string, string]>([
    ['an id that is mapped to nothing', document(1, 'unknown'), 'no thing is mapped to the id at thingPointer'],
    ['nothing at the pointer', '{}', 'nothing is at thingPointer'],
    ['an object at the pointer', document(1, {}), 'nothing is at thingPointer'],
    ['no JSON', 'x', 'the body is no JSON'],
    ['NUL at the pointer', document(1, '\0'), 'it holds a value that PostgreSQL cannot store'],
  ])('fails visibly with %s', async (_what, body, failure) => {
    const hook = await createHook({ thingPointer: ['/data/meter'] });
    const { id, answer } = await post(hook, body);
    expect(answer.status).toBe(200);
    expect(await written(hook, id)).toMatchObject({ status: 'FAILED', failure, report: null });
  });

  it('fails visibly when PostgreSQL refuses its report', async () => {
    const hook = await createHook({ thingId: [things.one] });
    await admin.unsafe(`
      create function refuse_report() returns trigger language plpgsql as
        $$ begin raise exception 'not text' using errcode = '22P05'; end $$;
      create trigger refuse_report before update on app.inbound_events for each row
        when (new.report is not null) execute function refuse_report()`);
    try {
      const { id } = await post(hook, document(1));
      const failure = 'it holds a value that PostgreSQL cannot store';
      expect(await written(hook, id)).toMatchObject({ status: 'FAILED', attempts: 1, failure, report: null });
    } finally {
      await admin.unsafe('drop trigger refuse_report on app.inbound_events; drop function refuse_report()');
    }
  });

  it('shows names that a handler answers and PostgreSQL cannot store', async () => {
    const names = String.raw`"\u0000", "\ud800"`;
    const source = `export default () => [${names}].map((name) => ({ timestamp: 1, metrics: { [name]: 1 } }));`;
    const hook = await createHook({ thingId: [things.one], templateId: [await createHandler(source)] });
    const { id } = await post(hook, '{}');
    const { status, report } = await written(hook, id);
    expect([status, report.things[0].fieldsInvalid]).toMatchObject(['APPLIED', [{ metricId: '\ufffd', count: 2 }]]);
  });

  it('is tried again where its handler ran out of time, ten times', async () => {
    const source = 'export default () => { for (;;); };';
    const hook = await createHook({ thingId: [things.one], templateId: [await createHandler(source)] });
    const { id } = await post(hook, '{}');
    const waiting = await until('the first attempt', async () => {
      const [row] = await admin`
        select status, attempts, report, due_at > now() as is_due_later from app.inbound_events where event_id = ${id}`;
      return row?.['attempts'] > 0 ? row : undefined;
    });
    expect(waiting).toEqual({ status: 'PENDING', attempts: 1, report: null, is_due_later: true });
    await admin`update app.inbound_events set attempts = 9, due_at = now() where event_id = ${id}`;
    const failure = expect.stringMatching(/^could not be written, ten times: the handler did not end within \d+ ms/);
    expect(await written(hook, id)).toMatchObject({ status: 'FAILED', attempts: 10, failure, report: null });
  });

  it('goes only to things of the resources of its integration, where there are any', async () => {
    const resources = [{ path: `PLACE/Site/${siteId}` }];
    const inside = await createHook({ thingId: [things.one] }, { resources });
    const outside = await createHook({ thingId: [things.elsewhere] }, { resources });
    expect(await written(inside, (await post(inside, document(1))).id)).toMatchObject({ status: 'APPLIED' });
    expect(await written(outside, (await post(outside, document(1))).id)).toMatchObject({ status: 'FAILED' });
    expect(await powerOf(things.elsewhere)).toBeUndefined();
  });

  it('is written by another gateway when the one that was at it is gone', async () => {
    const hook = await createHook({ thingId: [things.two] });
    const at = nowMs() + 1000;
    // As a gateway that was killed leaves it: claimed, and nobody at it.
    await admin.begin(async (tx) => {
      await tx`
        insert into app.inbound_events (org_id, id, type, integration_id, event_id, status, body, due_at)
        values (${organization.orgId}, gen_random_uuid(), 'WEBHOOK', ${hook}, 'msg_left', 'PENDING',
                ${Buffer.from(document(99, 'm', at))}, now())`;
      await tx`update platform.integration_work set leased_until = now() - interval '1 second' where kind = 'EVENT'`;
    });
    expect(await written(hook, 'msg_left')).toMatchObject({ status: 'APPLIED' });
    expect(await powerOf(things.two)).toMatchObject({ value: 99 });
  });
});

describe('the maker of a hook', () => {
  const errorsOf = async (input: object, client = organization.client) => {
    const answer = await client.send(
      `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { id } }`,
      { input },
    );
    return answer.errors.map(({ extensions }) => [extensions.code, extensions.field]);
  };
  const clientWith = async (...scopes: string[]) =>
    (await organization.createKey({ scopes: ['write INTEGRATION/#/#/#', ...scopes] })).client;

  it('may lead it only to what he may use himself', async () => {
    const input = hookInput({ templateId: [templateId], thingId: [things.one] });
    expect(await errorsOf(input, await clientWith('write THING/#/#', 'read TEMPLATE/#/#'))).toEqual([]);
    expect(await errorsOf(input, await clientWith('read THING/#/#', 'read TEMPLATE/#/#'))).toEqual([
      ['FORBIDDEN', undefined],
    ]);
    expect(await errorsOf(input, await clientWith('read TEMPLATE/#/#'))).toEqual([
      ['BAD_USER_INPUT', 'input.properties.thingId'],
    ]);
    expect(await errorsOf(input, await clientWith('write THING/#/#'))).toEqual([
      ['BAD_USER_INPUT', 'input.properties.templateId'],
    ]);
    const hook = await createHook({ thingPointer: ['/data/meter'] });
    const mapper = await clientWith('read THING/#/#');
    expect(
      await mapper.codes(`mutation ($input: MapResourceInput!) { mapResource(input: $input) { id } }`, {
        input: { integrationId: hook, resourceThirdPartyId: 'x', resourceBaseType: 'THING', resourceId: things.one },
      }),
    ).toEqual(['FORBIDDEN']);
  });

  it.each<[string, object, string]>([
    ['a template without a thing', { templateId: [randomId()] }, 'input.properties.templateId'],
    ['a thing without a template', { thingId: [randomId()] }, 'input.properties.templateId'],
    [
      'a pointer that is none',
      { thingPointer: ['meter'], templateId: [randomId()] },
      'input.properties.thingPointer[0]',
    ],
    ['a scheme that is none', { scheme: ['MD5'] }, 'input.properties.scheme[0]'],
    ['two schemes', { scheme: ['STRIPE', 'STRIPE'] }, 'input.properties.scheme'],
    ['an unknown property', { url: ['https://example.com'] }, 'input.properties.url'],
  ])('is refused with %s', async (_what, properties, field) => {
    expect(await errorsOf(hookInput(properties))).toEqual([['BAD_USER_INPUT', field]]);
  });

  it('is refused an EGRESS integration without an address, or with one inside', async () => {
    const of = (properties: object) => ({ name: 'Out', direction: 'EGRESS', type: 'WEBHOOK', properties });
    expect(await errorsOf(of({}))).toEqual([['BAD_USER_INPUT', 'input.properties.url']]);
    for (const url of [
      'http://example.com',
      'https://127.0.0.1/',
      'https://[::ffff:10.0.0.1]/',
      'https://2130706433/',
    ]) {
      expect(await errorsOf(of({ url: [url] }))).toEqual([['BAD_USER_INPUT', 'input.properties.url[0]']]);
    }
  });
});

function randomId(): string {
  return '018f0000-0000-7000-8000-000000000000';
}
