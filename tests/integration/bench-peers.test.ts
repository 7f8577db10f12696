import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type RunningContender, startContender } from '../../bench/contenders/contender-process.js';
import { getThing } from '../../bench/scenarios/w2-thing.js';
import { updateThing } from '../../bench/scenarios/w3-update.js';
import { packageRoot } from '../../db/package-root.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

// Peers of the benchmark are scripts that no compiler looks at, and take their checks from the product. This one needs
// no packages of its own; the others take the same file from the product.
const logs = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'));
let deployment: TestDeployment;
let organization: TestOrganization;
let raw: RunningContender;
let id: string;

beforeAll(async () => {
  deployment = await startTestDeployment();
  organization = await deployment.createOrganization('Peers');
  const { client } = organization;
  const { createThingType: type } = await client.ok(
    'mutation { createThingType(input: { displayName: "Battery", metricIds: [] }) { id } }',
  );
  const { createSite } = await client.ok(
    'mutation { createSite(input: { name: "Depot", latitude: 1, longitude: 2, address: "Quay" }) { site { id } } }',
  );
  const { createThing } = await client.ok(
    'mutation ($input: CreateThingInput!) { createThing(input: $input) { thing { id } } }',
    { input: { placeId: createSite.site.id, typeId: type.id, name: 'Battery 1' } },
  );
  id = createThing.thing.id;
  raw = await startContender({
    name: 'raw',
    module: join(packageRoot, 'bench', 'peers', 'raw', 'server.mjs'),
    configuration: {
      operationalUrl: deployment.urlOf('operational', 'bulkhead_gateway'),
      contextKey: deployment.cluster.contextKey,
      environment: deployment.gatewayConfiguration.environment,
      keys: [client.key],
      tokens: { 'W2/get': getThing.tokens, 'W3/update': updateThing.tokens },
      telemetry: [],
    },
    logFile: join(logs, 'raw.log'),
    serialization: 'json',
  });
});
afterAll(async () => {
  await raw?.stop();
  await deployment?.stop();
  rmSync(logs, { recursive: true });
});

it.each(['0', '1'])('answers as the product does, with checks: %s', async (checks) => {
  const ask = async (operation: string, variables: Readonly<Record<string, unknown>>) => {
    const headers = { 'x-api-key': String(organization.client.key), 'x-bench-operation': operation };
    const response = await fetch(`${raw.url}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'x-bench-checks': checks },
      body: JSON.stringify({ variables }),
    });
    return await response.json();
  };
  const renamed = { input: { id, name: `Battery ${checks}` } };
  expect(await ask('W3/update', renamed)).toEqual({
    data: await organization.client.ok(updateThing.document, renamed),
  });
  expect(await ask('W2/get', { id })).toEqual({ data: await organization.client.ok(getThing.document, { id }) });
});
