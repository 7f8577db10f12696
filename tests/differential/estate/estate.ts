import { change } from '../../isolation/seed.js';
import { connectAsAdmin } from '../../support/admin-connection.js';
import type { GraphqlClient } from '../../support/graphql-client.js';
import type { TestDeployment, TestOrganization } from '../../support/test-deployment.js';
import { fillDefinitions } from './definitions.js';
import { writeOddValues } from './odd-values.js';
import { fillPlaces } from './places.js';
import { fillReadings } from './readings.js';
import { fillThings } from './things.js';

/** Ids of all rows of an organization, by noun, each list in the same order in every run. */
export interface EstateIds {
  readonly sites: readonly string[];
  readonly fleets: readonly string[];
  readonly levels: readonly string[];
  readonly things: readonly string[];
  readonly metrics: readonly string[];
  readonly thingTypes: readonly string[];
  readonly thingTypeVersions: readonly string[];
  readonly integrations: readonly string[];
  readonly templates: readonly string[];
  readonly apiKeys: readonly string[];
}

/** An organization that holds a bit of everything that a read can meet. */
export interface Estate {
  readonly organization: TestOrganization;
  readonly client: GraphqlClient;
  readonly ids: EstateIds;
  /** Moment by which the readings are placed, epoch ms: about now, a whole minute. */
  readonly nowMs: number;
}

/** Creates one object and answers its id. */
export type Create = (noun: string, input: object) => Promise<string>;

/**
 * Fills an organization over HTTP, and with what the API would refuse behind it. The same every time but for ids and
 * moments, so that the seed of a run makes the same operations again.
 */
export async function fillEstate(deployment: TestDeployment, name: string): Promise<Estate> {
  const organization = await deployment.createOrganization(name);
  const { client } = organization;
  const create: Create = async (noun, input) => (await change(client, `create${noun}`, input)).id;
  const nowMs = Math.floor(Date.now() / 60_000) * 60_000;

  await change(client, 'updateOrganization', { displayName: `${name} "Ltd" ✓` }, 'organization { id }');
  const definitions = await fillDefinitions(client);
  const places = await fillPlaces(create, definitions.metrics);
  const integrations = await fillIntegrations(client, create);
  const templates = await fillTemplates(client, create, definitions.metrics);
  const things = await fillThings(client, create, { definitions, places, integrations });
  await fillReadings(client, things, nowMs);
  await definitions.deleteSome();
  const apiKeys = await fillApiKeys(client, create);
  await change(client, 'setRetention', { days: retentionDays, confirm: true }, 'organization { id }');

  const admin = connectAsAdmin(deployment.cluster, new URL(deployment.adminUrl('operational')).pathname.slice(1));
  try {
    await writeOddValues(admin, { orgId: organization.orgId, things, sites: places.sites, apiKeys });
  } finally {
    await admin.end();
  }
  const { sites, fleets, levels } = places;
  const { metrics, thingTypes, thingTypeVersions } = definitions;
  return {
    organization,
    client,
    nowMs,
    ids: { sites, fleets, levels, things, metrics, thingTypes, thingTypeVersions, integrations, templates, apiKeys },
  };
}

/** Retention of every estate: some readings are older. */
const retentionDays = 300;

async function fillIntegrations(client: GraphqlClient, create: Create): Promise<string[]> {
  const ids = [
    await create('Integration', { name: 'Weather', direction: 'INGRESS', type: 'WEATHER' }),
    await create('Integration', {
      name: 'Hook "one"',
      direction: 'EGRESS',
      type: 'PAGER',
      properties: { urls: ['https://example.com/?a=1&b=%20', 'b'], '2': ['two'], '1': ['one'] },
      metadata: { owner: 'ops', retries: 3, active: true, ratio: 0.1 },
    }),
    await create('Integration', {
      name: 'Hook_two',
      direction: 'EGRESS',
      type: 'WEBHOOK',
      properties: { url: ['https://example.com/hook'] },
    }),
  ];
  for (const [index, name] of [
    [0, 'token'],
    [1, 'zeta'],
    [1, 'alpha'],
  ] as const) {
    await change(client, 'putSecret', { integrationId: ids[index], name, value: 'sk_value' }, 'version');
  }
  await change(client, 'rotateSecret', { integrationId: ids[1], name: 'zeta', value: 'sk_other' }, 'version');
  return ids;
}

/** One template of each format, of several revisions and of one, and a deleted one. */
async function fillTemplates(client: GraphqlClient, create: Create, [metricId]: readonly string[]): Promise<string[]> {
  const spec = {
    timestamp: { pointer: '/t~1s', format: 'ISO8601' },
    mappings: [{ metricId, pointer: '', scale: 0.1 }],
  };
  const pointer = { target: 'THING_DATA', format: 'JSON_POINTER', spec };
  const source = 'export default (document) => [];';
  const ids = [
    await create('Template', { name: 'Rows "one"', description: 'straße', tags: ['a'], ...pointer }),
    await create('Template', { name: 'Van', target: 'THING_DATA', format: 'JAVASCRIPT_HANDLER', spec: { source } }),
    await create('Template', { name: 'Old rows', ...pointer }),
  ];
  await change(client, 'updateTemplate', { id: ids[0], description: null, tags: [] }, 'template { id }');
  await change(client, 'deleteTemplate', { id: ids[2] });
  return ids;
}

/** One key of each state, none of which is used to ask. */
async function fillApiKeys(client: GraphqlClient, create: Create): Promise<string[]> {
  const scopes = [
    { action: 'READ', resourceFilter: 'PLACE/#/#' },
    { action: 'WRITE', resourceFilter: 'THING/#/#' },
  ];
  const key = (name: string, more: object = {}) => create('ApiKey', { type: 'ADMIN', name, scopes, ...more });
  const ids = [
    await key('spare'),
    await key('expiring 100%', { expiresAt: '2199-01-01T00:00:00+01:00' }),
    await key('bound', { type: 'EXTERNAL', allowedCidrs: ['192.0.2.0/24', '2001:db8::/32'] }),
    await key('revoked'),
    await key('rotated'),
    await key('expired'),
  ];
  await change(client, 'revokeApiKey', { id: ids[3] }, 'apiKey { id }');
  await change(client, 'rotateApiKey', { id: ids[4] }, 'secret');
  return ids;
}
