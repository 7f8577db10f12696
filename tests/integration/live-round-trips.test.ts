import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Gateway, startGateway } from '../../server/gateway.js';
import { type Seed, seed } from '../isolation/seed.js';
import { countFlights, type FlightCounter } from '../support/flight-counter.js';
import { type GraphqlClient, graphqlClient } from '../support/graphql-client.js';
import { type Subscriber, subscribe } from '../support/live-client.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';

let deployment: TestDeployment;
let flights: FlightCounter;
let gateway: Gateway;
let a: Seed;
/** Speaks to a gateway whose way to the operational and the telemetry database is counted. */
let client: GraphqlClient;

beforeAll(async () => {
  deployment = await startTestDeployment();
  a = await deployment.createOrganization('A').then((organization) => seed(organization, 'A'));
  flights = await countFlights(deployment.cluster.port);
  gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    operationalUrl: flights.through(deployment.urlOf('operational', 'bulkhead_gateway')),
    vaultUrl: deployment.urlOf('vault', 'bulkhead_vault_writer'),
    contextKey: Buffer.from(deployment.cluster.contextKey, 'hex'),
    telemetryKey: deployment.telemetryKey,
    environment: 'test',
    deployment: 'counted',
    trustedProxies: [],
    telemetryPools: 100,
    exportDirectory: '/nowhere/exports',
    logLevel: 'silent',
  });
  client = graphqlClient(gateway.url, a.client.key);
});
afterAll(async () => {
  await gateway.close();
  await flights.close();
  await deployment.stop();
});

const ingest = (value: number) =>
  client.ok('mutation ($input: IngestFramesInput!) { ingestFrames(input: $input) { framesIngested } }', {
    input: {
      things: [{ thingId: a.ids.thing, frames: [{ timestamp: Date.now(), metrics: { [a.names.metric]: value } }] }],
    },
  });

/** The fewest flights of many calls: now and then one draws tokens too, which are leased, or notes the use of a key. */
async function fewest(prepare: () => Promise<() => Promise<unknown>>): Promise<number> {
  const counts: number[] = [];
  for (let round = 0; round < 15; round += 1) {
    const work = await prepare();
    counts.push(await flights.count(work));
  }
  return Math.min(...counts);
}

const ofIngest = () => fewest(async () => () => ingest(1));
const ofDeletion = () =>
  fewest(async () => {
    const { createFleet } = await a.client.ok(`mutation { createFleet(input: { name: "${a.canary} x" }) { id } }`);
    await client.ok('{ me { keyId } }');
    return () => client.ok(`mutation { deleteFleet(input: { id: "${createFleet.id}" }) { id } }`);
  });

it('ingest takes two round trips and one to telemetry, and one more only where somebody subscribes', async () => {
  expect(await ofIngest()).toBe(3);
  const subscriber: Subscriber = subscribe(
    deployment.gateway.url,
    { key: a.client.key! },
    'subscription ($id: ID!) { readings(thingId: $id) { thingId } }',
    { id: a.ids.thing },
  );
  await subscriber.until(({ events }) => events.length > 0);
  expect(await ofIngest()).toBe(4);
  await subscriber.stop();
});

it('a deletion takes as many round trips whether somebody subscribes or not', async () => {
  const alone = await ofDeletion();
  const subscriber = subscribe(deployment.gateway.url, { key: a.client.key! }, 'subscription { deletions { id } }');
  expect(await ofDeletion()).toBe(alone);
  await subscriber.until(({ events }) => events.length > 0);
  await subscriber.stop();
});
