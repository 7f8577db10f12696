import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { evaluateMonitors } from '../../jobs/tasks/evaluate-monitors.js';
import { findDueMonitors } from '../../jobs/tasks/find-due-monitors.js';
import { withAdmin } from '../isolation/data-digest.js';
import { change } from '../isolation/seed.js';
import { eventually, subscribe } from '../support/live-client.js';
import { withTaskContext } from '../support/task-context.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

const minuteMs = 60_000;
let deployment: TestDeployment;
let organization: TestOrganization;
let ids: { metric: string; type: string; site: string; fleet: string; things: string[] };

beforeAll(async () => {
  deployment = await startTestDeployment();
  organization = await deployment.createOrganization('Watched');
  const { client } = organization;
  const make = async (noun: string, input: object): Promise<string> =>
    (await change(client, `create${noun}`, input)).id;
  const metric = await make('Metric', { name: 'charge.level', dataType: 'DOUBLE', defaultAggregation: 'LAST' });
  const type = await make('ThingType', { displayName: 'Battery', metricIds: [metric] });
  const site = await make('Site', { name: 'Harbour', latitude: 1, longitude: 2, address: '' });
  const fleet = await make('Fleet', { name: 'Ferries' });
  const things = [];
  for (const name of ['one', 'two', 'three']) {
    things.push(await make('Thing', { placeId: site, typeId: type, name }));
  }
  ids = { metric, type, site, fleet, things };
});
afterAll(() => deployment.stop());

const rule = (change: object = {}) => ({
  name: 'low charge',
  target: { type: 'ALL_THINGS_AT_PLACE', placeId: ids.site },
  frequency: 'M1',
  lookback: 'M5',
  metrics: [{ metricId: ids.metric }],
  variables: [{ name: 'missing', expression: '100 - charge_level' }],
  alerts: [{ name: 'low', operand: 'missing', aggregation: 'LAST', operator: 'GT', threshold: 80 }],
  ...change,
});
const create = async (input: object) => (await change(organization.client, 'createMonitor', input)).id as string;

/** Writes readings within the window of the last tick, a minute and a half before it. */
async function report(values: readonly (number | null)[]): Promise<void> {
  const [clock] = await asAdmin((sql) => sql<{ ms: string }[]>`select (extract(epoch from now()) * 1000)::int8 as ms`);
  const timestamp = Math.floor(Number(clock!.ms) / minuteMs) * minuteMs - 90_000;
  const things = values.flatMap((value, index) =>
    value === null ? [] : [{ thingId: ids.things[index], frames: [{ timestamp, metrics: { 'charge.level': value } }] }],
  );
  await change(organization.client, 'ingestFrames', { things }, 'framesIngested');
}

const asAdmin = <T>(work: Parameters<typeof withAdmin<T>>[1]) => withAdmin(deployment.adminUrl('operational'), work);

/** Makes the next tick of a monitor come now, and evaluates it as the worker does. */
async function tick(monitorId: string): Promise<void> {
  await asAdmin((sql) => sql`update app.monitors set next_evaluation_at = now() where id = ${monitorId}`);
  await withTaskContext(deployment, (context) => evaluateMonitors.run({ orgId: organization.orgId }, context));
}

const fields = `id name health dataState isEnabled failure thingsWatched thingsOmitted nextEvaluationAt frequency lookback
  target { type placeId thingTypeId thingIds } metrics { metricId name missingData metric { name } }
  variables { name expression } alerts { id name operand aggregation operator threshold forTicks integrationIds }
  things(first: 10) { totalCount nodes { thingId health dataState thing { name } } }`;
const read = async (id: string) =>
  (await organization.client.ok(`query ($id: ID!) { monitor(id: $id) { ${fields} } }`, { id })).monitor;
const eventsOf = async (monitorId: string, isOpen?: boolean) =>
  (
    await organization.client.ok(
      `query ($filter: AlertEventFilter) { alertEvents(first: 20, filter: $filter) {
         nodes { alertName thingId placeId value threshold clearedReason monitor { name } thing { name } } } }`,
      { filter: { monitorId, isOpen } },
    )
  ).alertEvents.nodes;

describe('a monitor', () => {
  it('is created, read, listed, changed, switched off and deleted', async () => {
    const id = await create(rule({ isEnabled: false, target: { type: 'EXPLICIT_LIST', thingIds: ids.things } }));
    const made = await read(id);
    expect(made).toMatchObject({
      ...{ name: 'low charge', frequency: 'M1', lookback: 'M5', health: 'UNKNOWN', dataState: 'NO_DATA' },
      ...{ isEnabled: false, nextEvaluationAt: null, failure: null },
      target: { type: 'EXPLICIT_LIST', placeId: null, thingTypeId: null, thingIds: [...ids.things].sort() },
      metrics: [
        { metricId: ids.metric, name: 'charge_level', missingData: 'NO_INFILL', metric: { name: 'charge.level' } },
      ],
      variables: [{ name: 'missing', expression: '100 - charge_level' }],
      alerts: [{ name: 'low', operand: 'missing', aggregation: 'LAST', operator: 'GT', threshold: 80, forTicks: 1 }],
    });
    const alertId = made.alerts[0].id;
    const alerts = [{ ...rule().alerts[0], id: alertId, threshold: 90 }];
    await change(
      organization.client,
      'updateMonitor',
      { id, name: 'lower', frequency: 'H1', lookback: 'D1', alerts },
      'monitor { id }',
    );
    expect(await read(id)).toMatchObject({ name: 'lower', lookback: 'D1', alerts: [{ id: alertId, threshold: 90 }] });
    await change(organization.client, 'setMonitorEnabled', { id, isEnabled: true }, 'monitor { id }');
    expect((await read(id)).nextEvaluationAt).toMatch(/:00:00\.000Z$/);
    const listed = await organization.client.ok(
      '{ monitors(first: 5, search: "lower", isEnabled: true) { nodes { id } } }',
    );
    expect(listed.monitors.nodes).toEqual([{ id }]);
    await change(organization.client, 'deleteMonitor', { id });
    expect((await organization.client.send(`{ monitor(id: "${id}") { id } }`)).errors[0]!.extensions.code).toBe(
      'NOT_FOUND',
    );
    const audited = await organization.client.ok(
      `{ auditEvents(first: 10, filter: { resourcePrefix: "MONITOR/${id}" }) { nodes { action outcome } } }`,
    );
    expect(audited.auditEvents.nodes.map(({ action }: { action: string }) => action).sort()).toEqual([
      'createMonitor',
      'deleteMonitor',
      'setMonitorEnabled',
      'updateMonitor',
    ]);
  });

  it('fires the integrations of an alert when it trips and when it recovers, once each', async () => {
    const make = async (input: object) =>
      (await change(organization.client, 'createIntegration', { name: 'Pager', direction: 'EGRESS', ...input }))
        .id as string;
    // Without a secret nothing is sent: the log shows what would be.
    const hook = await make({ type: 'WEBHOOK', properties: { url: ['https://example.com/hook'] } });
    const record = await make({ type: 'PAGER' });
    const quiet = await make({ type: 'WEBHOOK', properties: { url: ['https://example.com/quiet'] } });
    const [alert] = rule().alerts;
    const alerts = [
      { ...alert, integrationIds: [hook, record] },
      { ...alert, name: 'never', threshold: 1000, integrationIds: [quiet] },
    ];
    const id = await create(rule({ alerts, target: { type: 'SINGLE_THING', thingIds: [ids.things[0]] } }));
    const sent = async (of: string) =>
      (
        await organization.client.ok(
          'query ($id: ID!) { integration(id: $id) { deliveries(first: 9) { nodes { eventType } } } }',
          { id: of },
        )
      ).integration.deliveries.nodes.map(({ eventType }: { eventType: string }) => eventType);
    await report([10]);
    await tick(id);
    await tick(id);
    expect(await sent(hook)).toEqual(['alert.tripped']);
    const [{ body }] = (await asAdmin(
      (sql) => sql`select body from app.deliveries where integration_id = ${hook}`,
    )) as unknown as [{ body: string }];
    const [event] = await eventsOf(id, true);
    expect(JSON.parse(body)).toMatchObject({
      type: 'alert.tripped',
      data: { monitorId: id, alertName: 'low', thingId: ids.things[0], placeId: ids.site, value: event.value },
    });
    await report([90]);
    await tick(id);
    expect(await sent(hook)).toEqual(['alert.recovered', 'alert.tripped']);
    expect([await sent(record), await sent(quiet)]).toEqual([[], []]);
    await change(organization.client, 'deleteMonitor', { id });
  });

  it('trips, holds one event, and recovers', async () => {
    const id = await create(rule());
    await report([10, 50, null]);
    await tick(id);
    expect(await read(id)).toMatchObject({
      health: 'UNHEALTHY',
      dataState: 'NO_DATA',
      thingsWatched: 3,
      thingsOmitted: 0,
    });
    const states = (await read(id)).things.nodes;
    expect(states).toEqual([
      { thingId: ids.things[0], health: 'UNHEALTHY', dataState: 'OK', thing: { name: 'one' } },
      { thingId: ids.things[1], health: 'HEALTHY', dataState: 'OK', thing: { name: 'two' } },
      { thingId: ids.things[2], health: 'UNKNOWN', dataState: 'NO_DATA', thing: { name: 'three' } },
    ]);
    const open = [
      {
        ...{
          alertName: 'low',
          thingId: ids.things[0],
          placeId: ids.site,
          value: 90,
          threshold: 80,
          clearedReason: null,
        },
        ...{ monitor: { name: 'low charge' }, thing: { name: 'one' } },
      },
    ];
    expect(await eventsOf(id)).toEqual(open);
    await tick(id);
    expect(await eventsOf(id)).toEqual(open);
    const panels = await organization.client.ok(
      `query ($site: ID!, $fleet: ID!, $thing: ID!) {
         site(id: $site) { activeAlerts(first: 5) { totalCount nodes { thingId } } }
         fleet(id: $fleet) { activeAlerts(first: 5) { totalCount } } thing(id: $thing) { activeAlerts(first: 5) { totalCount } } }`,
      { site: ids.site, fleet: ids.fleet, thing: ids.things[0] },
    );
    expect(panels).toEqual({
      site: { activeAlerts: { totalCount: 1, nodes: [{ thingId: ids.things[0] }] } },
      fleet: { activeAlerts: { totalCount: 0 } },
      thing: { activeAlerts: { totalCount: 1 } },
    });

    await report([60, 50, 55]);
    await tick(id);
    expect(await read(id)).toMatchObject({ health: 'HEALTHY', dataState: 'OK' });
    expect(await eventsOf(id)).toEqual([{ ...open[0], clearedReason: 'RECOVERED' }]);
    expect(await eventsOf(id, true)).toEqual([]);
    await change(organization.client, 'deleteMonitor', { id });
  });

  it('ends its open alerts when it is switched off or changed, and begins anew', async () => {
    const id = await create(rule({ target: { type: 'SINGLE_THING', thingIds: [ids.things[0]] } }));
    await report([5]);
    await tick(id);
    expect(await eventsOf(id, true)).toHaveLength(1);
    await change(organization.client, 'updateMonitor', { id, name: 'renamed' }, 'monitor { id }');
    expect(await eventsOf(id, true)).toHaveLength(1);
    await change(organization.client, 'setMonitorEnabled', { id, isEnabled: false }, 'monitor { id }');
    expect((await eventsOf(id)).map((event: { clearedReason: string }) => event.clearedReason)).toEqual([
      'MONITOR_DISABLED',
    ]);
    await tick(id);
    expect(await read(id)).toMatchObject({ health: 'UNKNOWN', things: { totalCount: 0 } });
    await change(organization.client, 'setMonitorEnabled', { id, isEnabled: true }, 'monitor { id }');
    await tick(id);
    expect(await eventsOf(id, true)).toHaveLength(1);
    await change(organization.client, 'updateMonitor', { id, lookback: 'M10' }, 'monitor { id }');
    expect((await eventsOf(id)).map((event: { clearedReason: string }) => event.clearedReason)).toEqual([
      'MONITOR_DISABLED',
      'MONITOR_CHANGED',
    ]);
    await change(organization.client, 'deleteMonitor', { id });
  });

  it('tells subscribers of its place of alerts that trip and end', async () => {
    const id = await create(rule());
    await report([60, 50, 55]);
    await tick(id);
    const subscriber = subscribe(
      deployment.gateway.url,
      { key: organization.client.key! },
      'subscription ($placeId: ID!) { alerts(placeId: $placeId) { alertName thingId value clearedReason } }',
      { placeId: ids.site },
    );
    const told = () => subscriber.events.map(({ alerts }) => alerts);
    try {
      await eventually('the lease of the subscription', async () => {
        const [row] = await asAdmin((sql) => sql`select count(*)::int as n from platform.live_subscriptions`);
        return row?.['n'] === 1;
      });
      await report([1, 50, 55]);
      await tick(id);
      await subscriber.until(({ events }) => events.length >= 1);
      await report([60, 50, 55]);
      await tick(id);
      await subscriber.until(({ events }) => events.length >= 2);
      const event = { alertName: 'low', thingId: ids.things[0], value: 99 };
      expect(told()).toEqual([
        { ...event, clearedReason: null },
        { ...event, clearedReason: 'RECOVERED' },
      ]);
    } finally {
      await subscriber.stop();
    }
    await change(organization.client, 'deleteMonitor', { id });
  });

  it('is evaluated by the worker on its own schedule', () => {
    expect(findDueMonitors.schedule?.cron).toBe('* * * * *');
  });
});

describe('what is refused', () => {
  const refusal = async (input: object) => {
    const answer = await organization.client.send(
      'mutation ($input: CreateMonitorInput!) { createMonitor(input: $input) { id } }',
      { input },
    );
    return [answer.errors[0]?.extensions.code, answer.errors[0]?.message];
  };

  it.each([
    [{ name: 'x'.repeat(81) }, /input.name: must have 1 to 80/],
    [{ lookback: 'M12', frequency: 'M5' }, /input.lookback: must be one of M1, M5, M10, M15, M30, H1, H2, H3/],
    [{ lookback: 'D1' }, /input.lookback: must be one of M1, M2, .*H1 for this frequency/],
    [{ metrics: [] }, /input.metrics: must have 1 to 20/],
    [{ metrics: [{ metricId: 'mdef_x' }] }, /input.metrics\[0\].metricId: is not an active metric/],
    [{ variables: [{ name: 'in', expression: '1' }] }, /is a word of the expression language/],
    [{ variables: [{ name: 'a', expression: 'b' }] }, /input.variables\[0\].expression: uses a name/],
    [{ variables: [{ name: 'charge_level', expression: '1' }] }, /is taken/],
    [
      { alerts: [{ ...{ name: 'a', operand: 'x', aggregation: 'MAX', operator: 'GT', threshold: 1 } }] },
      /names no metric/,
    ],
    [{ target: { type: 'SINGLE_THING' } }, /input.target.thingIds: must be given/],
    [{ target: { type: 'ALL_THINGS_AT_PLACE', placeId: '01a20345-cb9c-7628-8858-735cbe6038a6' } }, /is not a place/],
    [{ target: { type: 'SINGLE_THING', thingIds: ['01a20345-cb9c-7628-8858-735cbe6038a6'] } }, /is not a thing/],
  ])('%j', async (wrong, message) => {
    expect(await refusal(rule(wrong))).toEqual(['BAD_USER_INPUT', expect.stringMatching(message)]);
  });

  it('is a monitor of things that its author cannot read, now or later', async () => {
    const attempt = async (scopes: string[], target: object) => {
      const { client } = await organization.createKey({ scopes: ['write MONITOR/#', 'read MONITOR/#', ...scopes] });
      const input = rule({ target });
      const answer = await client.send(
        'mutation ($input: CreateMonitorInput!) { createMonitor(input: $input) { id } }',
        { input },
      );
      return answer.errors[0]?.extensions.code ?? 'created';
    };
    const place = { type: 'ALL_THINGS_AT_PLACE', placeId: ids.site };
    const ofType = { type: 'ALL_THINGS_OF_TYPE', thingTypeId: ids.type };
    const one = { type: 'SINGLE_THING', thingIds: [ids.things[0]] };
    const thing = `read PLACE/Site/${ids.site}/THING/${ids.type}/${ids.things[0]}`;
    const all = ['read PLACE/Site/#', `read PLACE/Site/${ids.site}/THING/#/#`];
    expect(await attempt([], one)).toBe('BAD_USER_INPUT');
    expect(await attempt([thing.replace('read', 'write')], one)).toBe('FORBIDDEN');
    expect(await attempt([thing], one)).toBe('created');
    expect(await attempt([thing, 'read PLACE/Site/#'], place)).toBe('FORBIDDEN');
    expect(await attempt(all, place)).toBe('created');
    expect(await attempt(all, ofType)).toBe('FORBIDDEN');
    expect(await attempt([`read THING/${ids.type}/#`], ofType)).toBe('created');
  });

  it('is an alert by an integration that its author may only read', async () => {
    const create = 'mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { id } }';
    const integration = {
      name: 'Read only',
      direction: 'EGRESS',
      type: 'WEBHOOK',
      properties: { url: ['https://example.com'] },
    };
    const { id } = (await organization.client.ok(create, { input: integration })).createIntegration;
    const codes = async (action: string) => {
      const scopes = [
        'write MONITOR/#',
        'read MONITOR/#',
        'read THING/#/#',
        'read PLACE/#/#',
        `${action} INTEGRATION/EGRESS/WEBHOOK/${id}`,
      ];
      const { client } = await organization.createKey({ scopes });
      const input = rule({ alerts: [{ ...rule().alerts[0], integrationIds: [id] }] });
      const answer = await client.send(
        'mutation ($input: CreateMonitorInput!) { createMonitor(input: $input) { id } }',
        { input },
      );
      return answer.errors.map(({ extensions }) => extensions.code);
    };
    expect(await codes('read')).toEqual(['FORBIDDEN']);
    expect(await codes('write')).toEqual([]);
  });

  it('is to delete a place that a monitor watches', async () => {
    const input = rule({ target: { type: 'ALL_THINGS_AT_PLACE', placeId: ids.fleet } });
    const id = await create(input);
    const answer = await organization.client.send(`mutation { deleteFleet(input: { id: "${ids.fleet}" }) { id } }`);
    expect([answer.errors[0]?.extensions.code, answer.errors[0]?.message]).toEqual([
      'CONFLICT',
      'The place is watched by monitors',
    ]);
    await change(organization.client, 'deleteMonitor', { id });
    await change(organization.client, 'deleteFleet', { id: ids.fleet });
  });
});
