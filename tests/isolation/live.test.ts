import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type Subscriber, subscribe, subscribeByStream } from '../support/live-client.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';
import { type Seed, seed } from './seed.js';
import { ghostOf } from './sweep/known.js';

/*
 * Events cross gateways on a channel that every role may listen to: what keeps them apart is the organization that they
 * name, and the identity by which each subscriber reads. A is told nothing of B while B is told all of it.
 */
let deployment: TestDeployment;
let a: Seed;
let b: Seed;
const open: Subscriber[] = [];

const readings = 'subscription ($id: ID!) { readings(thingId: $id) { thingId readings { metricName value } } }';
const deletions = 'subscription { deletions { noun id } }';

beforeAll(async () => {
  deployment = await startTestDeployment();
  [a, b] = await Promise.all([
    deployment.createOrganization('A').then((organization) => seed(organization, 'A')),
    deployment.createOrganization('B').then((organization) => seed(organization, 'B')),
  ]);
});
afterAll(async () => {
  await Promise.all(open.map((each) => each.stop()));
  await deployment.stop();
});

function follow(by: Seed, query: string, variables?: Readonly<Record<string, unknown>>): Subscriber {
  const subscriber = subscribe(deployment.gateway.url, { key: by.client.key! }, query, variables);
  open.push(subscriber);
  return subscriber;
}

const ingest = (own: Seed, value: number) =>
  own.client.ok('mutation ($input: IngestFramesInput!) { ingestFrames(input: $input) { framesIngested } }', {
    input: {
      things: [{ thingId: own.ids.thing, frames: [{ timestamp: Date.now(), metrics: { [own.names.metric]: value } }] }],
    },
  });
async function deleteSomething(own: Seed): Promise<string> {
  const { createFleet } = await own.client.ok(`mutation { createFleet(input: { name: "${own.canary} gone" }) { id } }`);
  await own.client.ok(`mutation { deleteFleet(input: { id: "${createFleet.id}" }) { id } }`);
  return createFleet.id;
}

describe('A', () => {
  it('cannot subscribe to a thing of B, and is told the same as of one that never was', async () => {
    const outcomes = [];
    for (const id of [b.ids.thing, ghostOf(b).ids.thing]) {
      const subscriber = follow(a, readings, { id });
      await subscriber.until(({ isOver }) => isOver);
      outcomes.push([subscriber.codes, subscriber.events]);
    }
    expect(outcomes).toEqual([
      [['NOT_FOUND'], []],
      [['NOT_FOUND'], []],
    ]);
  });

  it('hears nothing of what B stores and deletes, while B does', async () => {
    const ofA = [follow(a, readings, { id: a.ids.thing }), follow(a, deletions)];
    const ofB = [follow(b, readings, { id: b.ids.thing }), follow(b, deletions)];
    const stream = subscribeByStream(deployment.gateway.url, a.client.key!, deletions);
    open.push(stream);
    await ofA[0]!.until(({ events }) => events.length > 0);
    await ofB[0]!.until(({ events }) => events.length > 0);
    // Nothing else says that they are open.
    await eventually('deletions', async () => {
      await Promise.all([deleteSomething(a), deleteSomething(b)]);
      return [ofA[1]!, ofB[1]!, stream].every(({ events }) => events.length > 0);
    });

    await ingest(b, 77);
    const gone = await deleteSomething(b);
    await ofB[0]!.until(({ events }) => JSON.stringify(events).includes('"77"'));
    await ofB[1]!.until(({ events }) => JSON.stringify(events).includes(gone));
    // What A does after that reaches it after anything that B did.
    await ingest(a, 78);
    const last = await deleteSomething(a);
    await ofA[0]!.until(({ events }) => JSON.stringify(events).includes('"78"'));
    for (const each of [ofA[1]!, stream]) await each.until(({ events }) => JSON.stringify(events).includes(last));

    const heardByA = JSON.stringify([...ofA, stream].map(({ events }) => events));
    for (const id of [gone, b.ids.thing, b.canary]) expect(heardByA).not.toContain(id);
    expect(heardByA).not.toContain('"77"');
    expect(JSON.stringify(ofB.map(({ events }) => events))).toContain(b.canary);
  });
});
