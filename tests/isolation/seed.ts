import { randomBytes, randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { until } from '../support/bulkhead-process.js';
import type { GraphqlClient } from '../support/graphql-client.js';
import type { TestOrganization } from '../support/test-deployment.js';

/** One id of each noun of an organization. */
export interface SeedIds {
  readonly organization: string;
  readonly apiKey: string;
  readonly revokedApiKey: string;
  readonly site: string;
  readonly fleet: string;
  readonly rootLevelType: string;
  readonly levelType: string;
  readonly rootLevel: string;
  readonly level: string;
  readonly levelGroup: string;
  readonly metric: string;
  readonly textMetric: string;
  readonly deletedMetric: string;
  readonly thingType: string;
  readonly thingTypeVersion: string;
  readonly firstThingTypeVersion: string;
  readonly subThingType: string;
  readonly deletedThingType: string;
  readonly integration: string;
  readonly egressIntegration: string;
  readonly monitor: string;
  readonly alert: string;
  readonly template: string;
  readonly deletedTemplate: string;
  readonly thing: string;
  readonly fleetThing: string;
  readonly export: string;
  readonly auditEvent: string;
}

/** Texts by which rows of an organization can be found; each holds its canary. */
export interface SeedNames {
  readonly apiKey: string;
  readonly site: string;
  readonly fleet: string;
  readonly levelType: string;
  readonly level: string;
  readonly levelGroup: string;
  readonly metric: string;
  readonly metricDisplay: string;
  readonly thingType: string;
  readonly deletedThingType: string;
  readonly property: string;
  readonly integration: string;
  readonly template: string;
  readonly secret: string;
  readonly monitor: string;
  /** Of a metric or variable in expressions, which are letters, digits and `_`. */
  readonly operand: string;
  readonly thing: string;
  readonly manufacturerId: string;
  /** Of rows that are in no other list of names: what must be unique is tried twice. */
  readonly secondLevelType: string;
  readonly secondLevelGroup: string;
  readonly secondThingType: string;
  readonly secondManufacturerId: string;
}

/** An organization that holds every noun, with its canary in every free text. */
export interface Seed {
  readonly organization: TestOrganization;
  readonly client: GraphqlClient;
  /** `CANARY-<letter>-<uuid>`: if it is seen by anybody else, the wall has a hole. */
  readonly canary: string;
  readonly ids: SeedIds;
  readonly names: SeedNames;
  /** Value of the secret: in no answer to anybody. */
  readonly secretValue: string;
}

/** Ids and names without an organization behind them: of a seed, or made up. */
export type Known = Pick<Seed, 'ids' | 'names'>;

/** The names that an organization with this canary gives to its rows. */
export function namesOf(canary: string): SeedNames {
  return {
    apiKey: `${canary} key`,
    site: `${canary} site`,
    fleet: `${canary} fleet`,
    levelType: `${canary} level type`,
    level: `${canary} level`,
    levelGroup: `${canary} group`,
    metric: `${canary}.power`,
    metricDisplay: `${canary} metric`,
    thingType: `${canary} type`,
    deletedThingType: `${canary} deleted type`,
    property: `${canary} property`,
    integration: `${canary} integration`,
    template: `${canary} template`,
    secret: `${canary}.secret`,
    monitor: `${canary} monitor`,
    operand: canary.replaceAll('-', '_'),
    thing: `${canary} thing`,
    manufacturerId: `${canary}-serial`,
    secondLevelType: `${canary} second level type`,
    secondLevelGroup: `${canary} second group`,
    secondThingType: `${canary} second type`,
    secondManufacturerId: `${canary}-second-serial`,
  };
}

/** Runs one mutation with an input and answers its payload. */
export async function change(client: GraphqlClient, name: string, input: object, select = 'id') {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const data = await client.ok(`mutation ($input: ${type}!) { ${name}(input: $input) { ${select} } }`, { input });
  return data[name];
}

/** Fills an organization over HTTP with two rows or more of every list, one of each state. */
export async function seed(organization: TestOrganization, letter: string): Promise<Seed> {
  const { client, orgId } = organization;
  const canary = `CANARY-${letter}-${randomUUID()}`;
  const names = namesOf(canary);
  const secretValue = `sk_${canary}_${randomUUID()}`;
  const create = async (noun: string, input: object): Promise<string> =>
    (await change(client, `create${noun}`, input)).id;
  const description = `${canary} description`;
  const attributes = { [`${canary} attribute`]: `${canary} value` };

  await change(
    client,
    'updateOrganization',
    { displayName: `${canary} organization`, logoUrl: `https://example.com/${canary}` },
    'organization { id }',
  );
  const definitions = await seedDefinitions(client, canary, names);
  const { metric, thingType } = definitions;

  const position = { latitude: 1, longitude: 2, attributes, preferredDisplayMetricIds: [metric] };
  const site = await create('Site', { name: names.site, address: `${canary} address`, ...position });
  await create('Site', { name: `${names.site} two`, address: `${canary} address`, ...position });
  const fleet = await create('Fleet', { name: names.fleet, ...position });
  await create('Fleet', { name: `${names.fleet} two` });
  const levels = await seedLevels(client, canary, names, site);

  const integrationInput = {
    type: 'WEBHOOK',
    resources: [{ path: `PLACE/Site/${site}`, metadata: attributes }],
    metadata: attributes,
  };
  const integration = await create('Integration', {
    name: names.integration,
    direction: 'INGRESS',
    ...integrationInput,
  });
  const egressIntegration = await create('Integration', {
    name: `${names.integration} two`,
    direction: 'EGRESS',
    properties: { url: [`https://example.com/${canary}`] },
    ...integrationInput,
  });
  for (const name of [names.secret, `${names.secret}.two`]) {
    await change(client, 'putSecret', { integrationId: integration, name, value: secretValue }, 'version');
  }

  const templateInput = {
    target: 'THING_DATA',
    format: 'JSON_POINTER',
    description,
    tags: [`${canary.slice(0, 40)} tag`],
    spec: {
      timestamp: { pointer: '/at', format: 'EPOCH_MILLIS' },
      mappings: [{ metricId: metric, pointer: `/${canary}`, default: 1 }],
    },
  };
  const template = await create('Template', { name: names.template, ...templateInput });
  await change(client, 'updateTemplate', { id: template, name: names.template }, 'template { id }');
  await create('Template', { name: `${names.template} two`, ...templateInput });
  const deletedTemplate = await create('Template', { name: `${names.template} deleted`, ...templateInput });
  await change(client, 'deleteTemplate', { id: deletedTemplate });

  const thingInput = {
    typeId: thingType,
    description,
    address: `${canary} address`,
    model: `${canary} model`,
    manufacturer: `${canary} manufacturer`,
    attributes,
    properties: { [names.property]: canary },
    integrationIds: [integration],
  };
  const thing = await create('Thing', {
    ...thingInput,
    placeId: site,
    levelId: levels.level,
    name: names.thing,
    manufacturerId: names.manufacturerId,
  });
  const second = await create('Thing', {
    ...thingInput,
    placeId: site,
    name: `${names.thing} two`,
    manufacturerId: names.secondManufacturerId,
  });
  const fleetThing = await create('Thing', { ...thingInput, placeId: fleet, name: `${names.thing} in fleet` });
  await create('Thing', { ...thingInput, placeId: fleet, name: `${names.thing} in fleet two` });
  await seedRecords(client, names, { integration, egressIntegration, thing, second });
  const now = Date.now();
  const frames = [1, 2, 3].map((minutes) => ({
    timestamp: now - minutes * 60_000,
    metrics: { [names.metric]: minutes, [`${canary}.text`]: `${canary} reading` },
  }));
  const readings = [thing, second, fleetThing].map((thingId) => ({ thingId, frames }));
  await change(client, 'ingestFrames', { things: readings }, 'framesIngested');

  const monitors = await seedMonitors(client, names, { site, metric, egressIntegration });

  const keyInput = { type: 'ADMIN', scopes: [{ action: 'READ', resourceFilter: 'AUDIT' }] };
  const apiKey = await create('ApiKey', { name: names.apiKey, ...keyInput });
  const revokedApiKey = await create('ApiKey', { name: `${names.apiKey} revoked`, ...keyInput });
  await change(client, 'revokeApiKey', { id: revokedApiKey }, 'apiKey { id }');
  const exportId = await seedExport(client);
  const { auditEvents } = await client.ok('{ auditEvents(first: 1) { nodes { id } } }');
  await until('a checkpoint over it', async () => {
    const proof = 'query ($id: ID!) { auditProof(id: $id) { index } }';
    return (await client.ok(proof, { id: auditEvents.nodes[0].id })).auditProof ?? undefined;
  });

  return {
    organization,
    client,
    canary,
    names,
    secretValue,
    ids: {
      organization: orgId,
      ...definitions,
      ...levels,
      site,
      fleet,
      integration,
      egressIntegration,
      ...monitors,
      template,
      deletedTemplate,
      thing,
      fleetThing,
      apiKey,
      revokedApiKey,
      export: exportId,
      auditEvent: auditEvents.nodes[0].id,
    },
  };
}

async function seedMonitors(
  client: GraphqlClient,
  names: SeedNames,
  ids: Pick<SeedIds, 'site' | 'metric' | 'egressIntegration'>,
) {
  const create = (name: string) =>
    change(
      client,
      'createMonitor',
      {
        name,
        target: { type: 'ALL_THINGS_AT_PLACE', placeId: ids.site },
        frequency: 'D1',
        lookback: 'D1',
        metrics: [{ metricId: ids.metric, name: 'power' }],
        variables: [{ name: 'twice', expression: 'power * 2' }],
        alerts: [
          {
            name,
            operand: 'twice',
            aggregation: 'MAX',
            operator: 'GT',
            threshold: 1,
            integrationIds: [ids.egressIntegration],
          },
        ],
      },
      'id monitor { alerts { id } }',
    );
  const made = await create(names.monitor);
  await create(`${names.monitor} two`);
  return { monitor: made.id as string, alert: made.monitor.alerts[0].id as string };
}

/** Mappings and logs of integrations: deliveries fail for want of a secret, nothing is sent. */
async function seedRecords(
  client: GraphqlClient,
  names: SeedNames,
  ids: Readonly<Record<'integration' | 'egressIntegration' | 'thing' | 'second', string>>,
) {
  for (const resourceId of [ids.thing, ids.second]) {
    for (const integrationId of [ids.integration, ids.egressIntegration]) {
      const mapping = {
        integrationId,
        resourceThirdPartyId: names.manufacturerId,
        resourceBaseType: 'THING',
        resourceId,
      };
      await change(client, 'mapResource', {
        ...mapping,
        thirdPartyId: names.integration,
        metadata: { canary: names.thing },
      });
    }
  }
  const value = `whsec_${randomBytes(32).toString('base64')}`;
  await change(client, 'putSecret', { integrationId: ids.integration, name: 'signingSecret', value }, 'version');
  for (const number of [1, 2]) {
    await change(client, 'testSend', { id: ids.egressIntegration }, 'deliveryId');
    const id = `${names.manufacturerId}-${number}`;
    const at = new Date();
    const answer = await fetch(`${client.url}/hooks/${ids.integration}`, {
      method: 'POST',
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': new Webhook(value).sign(id, at, '{}'),
      },
      body: '{}',
    });
    if (answer.status !== 200) throw new Error(`the hook answered ${answer.status}`);
  }
}

/** Asks for an archive and waits until it is made: from then on nothing of it changes by itself. */
async function seedExport(client: GraphqlClient): Promise<string> {
  const id: string = (await change(client, 'createExport', {})).id;
  return archived(client, id);
}

/** Waits until an archive is made. */
export async function archived(client: GraphqlClient, id: string): Promise<string> {
  return until('an archive', async () => {
    const { export: shown } = await client.ok('query ($id: ID!) { export(id: $id) { state } }', { id });
    return shown.state === 'READY' ? id : undefined;
  });
}

async function seedDefinitions(client: GraphqlClient, canary: string, names: SeedNames) {
  const create = async (noun: string, input: object) => change(client, `create${noun}`, input);
  const text = { description: `${canary} description`, tags: [`${canary.slice(0, 40)} tag`] };
  const metricInput = { displayName: names.metricDisplay, unitLabel: canary, ...text };
  const metric: string = (
    await create('Metric', { name: names.metric, dataType: 'INT', defaultAggregation: 'SUM', ...metricInput })
  ).id;
  const textInput = { name: `${canary}.text`, dataType: 'STRING', defaultAggregation: 'LAST', ...metricInput };
  const textMetric: string = (await create('Metric', textInput)).id;
  const deletedMetric: string = (await create('Metric', { ...textInput, name: `${canary}.deleted` })).id;
  await change(client, 'deleteMetric', { id: deletedMetric });

  const propertyDefinitions = [{ name: names.property, valueType: 'STRING', description: canary, unit: 'unit' }];
  const typeInput = { metricIds: [metric, textMetric], modelMetadata: { canary }, propertyDefinitions, ...text };
  const sub = await create('ThingType', { displayName: names.secondThingType, ...typeInput });
  const type = await change(
    client,
    'createThingType',
    { displayName: names.thingType, allowedSubDefinitionIds: [sub.id], ...typeInput },
    'id versionId',
  );
  const version = await create('ThingTypeVersion', { typeId: type.id, metricIds: [metric, textMetric] });
  const deleted = await create('ThingType', { displayName: names.deletedThingType, ...typeInput });
  await change(client, 'deleteThingType', { id: deleted.id }, 'id');
  return {
    metric,
    textMetric,
    deletedMetric,
    thingType: type.id as string,
    firstThingTypeVersion: type.versionId as string,
    thingTypeVersion: version.id as string,
    subThingType: sub.id as string,
    deletedThingType: deleted.id as string,
  };
}

async function seedLevels(client: GraphqlClient, canary: string, names: SeedNames, siteId: string) {
  const create = async (noun: string, input: object): Promise<string> =>
    (await change(client, `create${noun}`, { siteId, ...input })).id;
  const rootLevelType = await create('LevelType', { name: names.secondLevelType });
  const levelType = await create('LevelType', { name: names.levelType, allowedParentTypeIds: [rootLevelType] });
  const text = { description: `${canary} description`, address: canary, attributes: { canary } };
  const rootLevel = await create('Level', { levelTypeId: rootLevelType, name: `${canary} root`, ...text });
  const below = { levelTypeId: levelType, parentId: rootLevel, ...text };
  const level = await create('Level', { name: names.level, ...below });
  await create('Level', { name: `${names.level} two`, ...below });
  const levelGroup = await create('LevelGroup', { name: names.levelGroup, levelIds: [level] });
  await create('LevelGroup', { name: names.secondLevelGroup, levelIds: [level] });
  return { rootLevelType, levelType, rootLevel, level, levelGroup };
}
