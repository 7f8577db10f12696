import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import type { Gateway } from '../../server/gateway.js';
import { type Seed, seed } from '../isolation/seed.js';
import { connectAsAdmin } from '../support/admin-connection.js';
import { eventually, type Subscriber, subscribe, subscribeByStream } from '../support/live-client.js';
import { operatorClient, setLimits } from '../support/operator-client.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

let deployment: TestDeployment;
let organization: TestOrganization;
let second: Gateway;
let admin: postgres.Sql;
let a: Seed;
const open: Subscriber[] = [];

const readings = 'subscription ($id: ID!) { readings(thingId: $id) { thingId readings { metricName at value } } }';
const deletions = 'subscription { deletions { noun id } }';

beforeAll(async () => {
  deployment = await startTestDeployment();
  second = await deployment.startGateway();
  organization = await deployment.createOrganization('A');
  admin = connectAsAdmin(deployment.cluster, new URL(deployment.adminUrl('operational')).pathname.slice(1));
  a = await seed(organization, 'A');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.stop()));
  await hasLeases(0);
});
afterAll(async () => {
  await admin.end();
  await deployment.stop();
});

type Follow = (url: string, key: string, query: string, variables?: Readonly<Record<string, unknown>>) => Subscriber;
const bySocket: Follow = (url, key, query, variables) => kept(subscribe(url, { key }, query, variables));
const byStream: Follow = (url, key, query, variables) => kept(subscribeByStream(url, key, query, variables));

function kept(subscriber: Subscriber): Subscriber {
  open.push(subscriber);
  return subscriber;
}

const ingest = (value: number, { client, ids, names }: Seed = a, thingId = ids.thing) =>
  client.ok('mutation ($input: IngestFramesInput!) { ingestFrames(input: $input) { framesIngested } }', {
    input: { things: [{ thingId, frames: [{ timestamp: Date.now(), metrics: { [names.metric]: value } }] }] },
  });
const createFleet = async (name: string): Promise<string> =>
  (await a.client.ok('mutation ($name: String!) { createFleet(input: { name: $name }) { id } }', { name })).createFleet
    .id;
const deleteFleet = (id: string) => a.client.ok(`mutation { deleteFleet(input: { id: "${id}" }) { id } }`);
const revoke = (id: string) => a.client.ok(`mutation { revokeApiKey(input: { id: "${id}" }) { apiKey { id } } }`);
const rescope = (id: string, scope: string) =>
  a.client.ok('mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }', {
    input: { id, scopes: [{ action: 'READ', resourceFilter: scope }] },
  });
const newestOf = (event: { readings: { readings: { value: unknown }[] } }) => event.readings.readings[0]?.value;
const leases = async (): Promise<number> => {
  const [row] = await admin`select count(*)::int as count from platform.live_subscriptions
                            where org_id = ${organization.orgId} and expires_at > clock_timestamp()`;
  return row!['count'];
};
const hasLeases = (count: number) => eventually(`${count} leases`, async () => (await leases()) === count);
/** Ends the connections on which gateways hear of keys or events; they listen again after a moment. */
const endListeners = (channel: string) =>
  admin`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query = ${`listen "${channel}"`}`;

describe.each([
  ['a WebSocket', bySocket],
  ['an event stream', byStream],
])('over %s', (_way, follow) => {
  it('the newest readings come first, then what is ingested at another gateway', async () => {
    const subscriber = follow(second.url, a.client.key!, readings, { id: a.ids.thing.toUpperCase() });
    await subscriber.until(({ events }) => events.length > 0);
    const [first] = subscriber.events;
    expect(first.readings.thingId).toBe(a.ids.thing);
    expect(first.readings.readings.map(({ metricName }: { metricName: string }) => metricName).sort()).toEqual(
      [a.names.metric, `${a.canary}.text`].sort(),
    );
    const value = 1_000_000 + (Date.now() % 1_000_000);
    await ingest(value);
    await subscriber.until(({ events }) => events.some((event) => newestOf(event) === String(value)));
    expect(subscriber.events.at(-1).readings.readings).toEqual([
      { metricName: a.names.metric, at: expect.any(String), value: String(value) },
    ]);
  });

  it('deletions come one by one, those alone that the key could read', async () => {
    const [mine, other] = [await createFleet('mine'), await createFleet('other')];
    const all = follow(deployment.gateway.url, a.client.key!, deletions);
    const key = await organization.createKey({ scopes: [`read PLACE/Fleet/${mine}`] });
    const some = follow(second.url, key.text, deletions);
    await hasLeases(2);
    await deleteFleet(other);
    await deleteFleet(mine);
    await all.until(({ events }) => events.length >= 2);
    await some.until(({ events }) => events.length > 0);
    expect(all.events.map(({ deletions: { id } }) => id)).toEqual([other, mine]);
    expect(some.events).toEqual([{ deletions: { noun: 'FLEET', id: mine } }]);
  });

  it('ends with the revocation of its key at another gateway', async () => {
    const key = await organization.createKey({ scopes: ['* *'] });
    const subscriber = follow(second.url, key.text, readings, { id: a.ids.thing });
    await subscriber.until(({ events }) => events.length > 0);
    await revoke(key.id);
    await subscriber.until(({ isOver }) => isOver);
    expect([subscriber.closeCode, subscriber.codes]).toEqual(
      follow === bySocket ? [4401, []] : [undefined, ['UNAUTHENTICATED']],
    );
    const before = subscriber.events.length;
    await ingest(1);
    expect(subscriber.events).toHaveLength(before);
  });

  it('ends when its key expires', async () => {
    const key = await organization.createKey({ scopes: ['* *'] });
    const subscriber = follow(second.url, key.text, deletions);
    await hasLeases(1);
    await a.client.ok('mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }', {
      input: { id: key.id, expiresAt: new Date(Date.now() + 3000) },
    });
    await subscriber.until(({ isOver }) => isOver);
    expect([subscriber.closeCode, subscriber.codes]).toEqual(
      follow === bySocket ? [4401, []] : [undefined, ['UNAUTHENTICATED']],
    );
  });

  it('refuses what the key may not read, what is unknown, and what HTTP refuses', async () => {
    const key = await organization.createKey({ scopes: ['read PLACE/#/#'] });
    const outcomeOf = async (text: string, query: string, variables?: Readonly<Record<string, unknown>>) => {
      const subscriber = follow(deployment.gateway.url, text, query, variables);
      await subscriber.until(({ isOver }) => isOver);
      // The client of event streams shows the status of a refusal alone.
      return subscriber.codes.map((code) => /\b(4\d\d|[A-Z_]{6,})\b/.exec(code)?.[1]);
    };
    const all = a.client.key!;
    const is = (code: string, status: string) => [follow === bySocket ? code : status];
    expect(await outcomeOf(key.text, readings, { id: a.ids.thing })).toEqual(is('FORBIDDEN', '403'));
    expect(await outcomeOf(all, readings, { id: a.ids.site })).toEqual(is('NOT_FOUND', '404'));
    expect(await outcomeOf(all, '{ me { keyId } }')).toEqual(is('BAD_REQUEST', '400'));
    expect(await outcomeOf(all, 'subscription { nothing }')).toEqual(is('GRAPHQL_VALIDATION_FAILED', '400'));
    expect(await outcomeOf(all, readings, { id: { secret: 1 } })).toEqual(is('BAD_USER_INPUT', '422'));
    const aliases = Array.from({ length: 16 }, (_, index) => `a${index}: id`).join(' ');
    expect(await outcomeOf(all, `subscription { deletions { ${aliases} } }`)).toEqual(
      is('OPERATION_TOO_COMPLEX', '400'),
    );
    await hasLeases(0);
  });
});

describe('a subscriber', () => {
  it('is as its key is now: lowered scopes end a subscription, other changes do not', async () => {
    const key = await organization.createKey({ scopes: ['read THING/#/#'] });
    const subscriber = bySocket(second.url, key.text, readings, { id: a.ids.thing });
    await subscriber.until(({ events }) => events.length > 0);
    await rescope(key.id, `PLACE/Site/${a.ids.site}/THING/#/#`);
    await ingest(51);
    await subscriber.until(({ events }) => events.some((event) => newestOf(event) === '51'));
    await rescope(key.id, 'AUDIT');
    await subscriber.until(({ isOver }) => isOver);
    expect(subscriber.codes).toEqual(['NOT_FOUND']);
  });

  it('is asked again though no notice came', async () => {
    const key = await organization.createKey({ scopes: ['* *'] });
    const subscriber = bySocket(second.url, key.text, deletions);
    await hasLeases(1);
    await endListeners('bulkhead_api_keys');
    await revoke(key.id);
    await subscriber.until(({ closeCode }) => closeCode === 4401);
  });

  it('that may not come from its address any more is closed', async () => {
    const key = await organization.createKey({ scopes: ['* *'] });
    const subscriber = bySocket(second.url, key.text, deletions);
    await hasLeases(1);
    await a.client.ok('mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }', {
      input: { id: key.id, allowedCidrs: ['203.0.113.0/24'] },
    });
    await subscriber.until(({ closeCode }) => closeCode === 4403);
  });

  it('may send its key with connection_init, and is closed without one', async () => {
    const url = deployment.gateway.url;
    const key = a.client.key!;
    for (const params of [{ 'X-Api-Key': key }, { Authorization: `Bearer ${key}` }]) {
      const subscriber = kept(subscribe(url, { params }, readings, { id: a.ids.thing }));
      await subscriber.until(({ events }) => events.length > 0);
      await subscriber.stop();
    }
    const other = await organization.createKey({ scopes: ['* *'] });
    for (const options of [{}, { params: { 'X-Api-Key': 'wrong' } }, { key, params: { 'X-Api-Key': other.text } }]) {
      const subscriber = kept(subscribe(url, options, readings, { id: a.ids.thing }));
      await subscriber.until(({ closeCode }) => closeCode === 4401);
    }
    const wrong = kept(subscribe(url, { key: 'wrong' }, deletions));
    await wrong.until(({ isOver }) => isOver);
    expect(wrong.events).toEqual([]);
  });

  it('that reads its readings slowly gets the newest alone, and seldom', async () => {
    const subscriber = bySocket(second.url, a.client.key!, readings, { id: a.ids.fleetThing });
    await subscriber.until(({ events }) => events.length > 0);
    for (let value = 1; value <= 20; value += 1) await ingest(value, a, a.ids.fleetThing);
    await subscriber.until(({ events }) => newestOf(events.at(-1)) === '20');
    expect(subscriber.events.length).toBeLessThan(10);
  });
});

describe('what was missed', () => {
  it('is read again when events are heard again', async () => {
    const subscriber = bySocket(second.url, a.client.key!, readings, { id: a.ids.thing });
    await subscriber.until(({ events }) => events.length > 0);
    await endListeners('bulkhead_live');
    await ingest(61);
    await subscriber.until(({ events }) => events.some((event) => newestOf(event) === '61'));
  });

  it('ends a subscription that cannot read it again', async () => {
    const subscriber = bySocket(second.url, a.client.key!, deletions);
    await hasLeases(1);
    await endListeners('bulkhead_live');
    await subscriber.until(({ codes }) => codes.length > 0);
    expect(subscriber.codes).toEqual(['UNAVAILABLE']);
  });
});

describe('limits', () => {
  it('leave an organization twenty subscriptions at all gateways together, and others theirs', async () => {
    const held = [];
    for (let index = 0; index < 20; index += 1) {
      held.push(
        (index % 2 === 0 ? bySocket : byStream)(
          index % 3 === 0 ? deployment.gateway.url : second.url,
          a.client.key!,
          deletions,
        ),
      );
    }
    await hasLeases(20);
    const beyond = bySocket(second.url, a.client.key!, deletions);
    await beyond.until(({ isOver }) => isOver);
    expect(beyond.codes).toEqual(['LIMIT_EXCEEDED']);
    const other = await deployment.createOrganization('B');
    bySocket(second.url, other.client.key!, deletions);
    await eventually('a lease of B', async () => {
      const rows = await admin`select from platform.live_subscriptions where org_id = ${other.orgId}`;
      return rows.length === 1;
    });
  });

  it('charge attempts and readings', async () => {
    const thrifty = await deployment.createOrganization('Thrifty');
    const left = async (tier: string) =>
      (await thrifty.client.ok('{ rateLimits { tier remaining } }')).rateLimits.find(
        (each: { tier: string }) => each.tier === tier,
      ).remaining;
    const operator = await operatorClient(deployment);
    await setLimits(operator, thrifty.orgId, 'STANDARD', 1, 10);
    const before = await left('STANDARD');
    const refused = bySocket(second.url, thrifty.client.key!, 'subscription { nothing }');
    await refused.until(({ isOver }) => isOver);
    expect(before - (await left('STANDARD'))).toBe(2);
  });
});

describe('readings', () => {
  it('cost a token for each event, whose bucket is that of queries', async () => {
    const operator = await operatorClient(deployment);
    const thrifty = await deployment.createOrganization('Thrifty with readings').then((each) => seed(each, 'T'));
    // A token a minute: none flows in while this runs.
    await setLimits(operator, thrifty.ids.organization, 'DATA_READ', 1, 10);
    const left = async () =>
      (await thrifty.client.ok('{ rateLimits { tier remaining } }')).rateLimits.find(
        (each: { tier: string }) => each.tier === 'DATA_READ',
      ).remaining;
    // It holds everywhere after a second.
    await eventually('the limit', async () => (await left()) <= 10);
    const before = await left();
    const subscriber = bySocket(second.url, thrifty.client.key!, readings, { id: thrifty.ids.thing });
    await subscriber.until(({ events }) => events.length > 0);
    await eventually('the price of the first', async () => (await left()) === before - 1);
    await ingest(2, thrifty);
    await subscriber.until(({ events }) => events.length === 2);
    await eventually('the price of the second', async () => (await left()) === before - 2);
  });
});

describe('a gateway', () => {
  it('answers no subscription over plain HTTP, and no other operation over the stream', async () => {
    expect(await a.client.codes(deletions)).toEqual(['BAD_REQUEST']);
  });

  it('counts what is live for operators, without names of organizations', async () => {
    const operator = await operatorClient(deployment);
    bySocket(second.url, a.client.key!, deletions);
    await hasLeases(1);
    const answer = await fetch(`${second.url}/metrics`, { headers: { authorization: `Bearer ${operator.key}` } });
    const text = await answer.text();
    const live = text.replaceAll(/^(?!bulkhead_live).*\n/gm, '');
    expect(live).toMatch(/^bulkhead_live_connections\{transport="websocket",process="gateway"\} 1$/m);
    expect(live).toMatch(/^bulkhead_live_subscriptions\{process="gateway"\} 1$/m);
    expect(live).toMatch(/^bulkhead_live_ended_total\{reason="UNAUTHENTICATED",process="gateway"\} [1-9]/m);
    expect(text).not.toContain(organization.orgId);
  });

  it('says goodbye when it stops, and leaves no lease behind', async () => {
    const third = await deployment.startGateway();
    const socket = bySocket(third.url, a.client.key!, deletions);
    const stream = byStream(third.url, a.client.key!, deletions);
    await hasLeases(2);
    await third.close();
    await socket.until(({ closeCode }) => closeCode === 1001);
    await stream.until(({ isOver }) => isOver);
    await hasLeases(0);
  });
});
