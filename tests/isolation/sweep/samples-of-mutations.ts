import { archived, change, type Seed } from '../seed.js';
import { fresh, json, keys, path, reference, text, within } from './marks.js';
import { type Args, unmarked } from './positions.js';
import type { Sample } from './samples.js';

type Input = (own: Seed, target: string) => Args;
type Maker = (own: Seed) => Promise<string>;

/** Arguments that use nothing up. */
const input =
  (make: (own: Seed) => Args): Sample =>
  (own) =>
  () => ({ input: make(own) });

/** Arguments about a row that is made for them. */
const on =
  (maker: Maker, make: Input = (_own, id) => ({ id })): Sample =>
  async (own) => {
    const target = await maker(own);
    return () => ({ input: make(own, target) });
  };

/** Makes a row with arguments of the sample of its mutation, unmarked. */
const made = async ({ client }: Seed, noun: string, of: Args): Promise<string> =>
  (await change(client, `create${noun}`, of)).id;

const position = { latitude: 1, longitude: 2 };
const site: Maker = (own) => made(own, 'Site', { name: fresh(), address: '', ...position });
const fleet: Maker = (own) => made(own, 'Fleet', { name: fresh() });
const levelType: Maker = (own) => made(own, 'LevelType', { siteId: own.ids.site, name: fresh(), ...below(own).types });
const level: Maker = (own) => made(own, 'Level', { siteId: own.ids.site, name: fresh(), ...below(own).level });
const levelGroup: Maker = (own) => made(own, 'LevelGroup', { siteId: own.ids.site, name: fresh(), levelIds: [] });
const metric: Maker = (own) => made(own, 'Metric', { name: fresh(), ...text64 });
const thingType: Maker = (own) => made(own, 'ThingType', { displayName: fresh(), metricIds: [own.ids.metric] });
const integration: Maker = (own) =>
  made(own, 'Integration', { name: fresh(), direction: 'EGRESS', type: 'PAGER', properties: { old: ['1'] } });
const hook: Maker = (own) =>
  made(own, 'Integration', {
    name: fresh(),
    direction: 'EGRESS',
    type: 'WEBHOOK',
    properties: { url: ['https://example.com/hook'] },
  });
const mapping = ({ ids }: Seed) => ({
  integrationId: ids.egressIntegration,
  resourceBaseType: 'THING',
  resourceId: ids.thing,
});
const mapped: Maker = async (own) =>
  (await change(own.client, 'mapResource', { ...mapping(own), resourceThirdPartyId: fresh() })).id;
const resources = ({ ids }: Seed) => [{ path: path(`PLACE/Site/${ids.site}`), metadata: json() }];
const thing: Maker = (own) =>
  made(own, 'Thing', { placeId: own.ids.site, typeId: own.ids.thingType, name: fresh(), attributes: { old: 1 } });
const template: Maker = (own) => made(own, 'Template', { ...templateInput(own), name: fresh() });
const apiKey: Maker = (own) => made(own, 'ApiKey', { name: fresh(), type: 'ADMIN', scopes: [writeFleets] });
/** An organization has one archive at a time. */
const noExport = async ({ client }: Seed): Promise<void> => {
  const { exports } = await client.ok('{ exports(first: 100) { nodes { id } } }');
  for (const { id } of exports.nodes) await change(client, 'cancelExport', { id }, 'export { id }');
};
const exported: Maker = async (own) => {
  await noExport(own);
  return archived(own.client, await made(own, 'Export', {}));
};
const version: Maker = async (own) =>
  made(own, 'ThingTypeVersion', { typeId: await thingType(own), metricIds: [own.ids.metric] });
const deleted =
  (noun: string, maker: Maker): Maker =>
  async (own) => {
    const id = await maker(own);
    await change(own.client, `delete${noun}`, { id });
    return id;
  };

const monitor: Maker = (own) =>
  made(own, 'Monitor', {
    name: fresh(),
    target: { type: 'SINGLE_THING', thingIds: [own.ids.thing] },
    frequency: 'D1',
    lookback: 'D1',
    metrics: [{ metricId: own.ids.metric }],
    alerts: [],
  });
const rule = (own: Seed) => ({
  target: { type: 'SINGLE_THING', thingIds: [own.ids.thing] },
  frequency: 'D1',
  lookback: 'D1',
  metrics: [{ metricId: own.ids.metric, name: text('power', 'operand') }],
  variables: [{ name: text('twice', 'operand'), expression: text('power * 2', 'operand') }],
  alerts: [alertOf(own)],
});
const alertOf = (own: Seed) => ({
  name: text(fresh(), 'monitor'),
  operand: text('power', 'operand'),
  aggregation: 'MAX',
  operator: 'GT',
  threshold: 1,
  integrationIds: [own.ids.egressIntegration],
});

const writeFleets = { action: 'WRITE', resourceFilter: 'PLACE/Fleet/#' };
const text64 = { dataType: 'STRING', defaultAggregation: 'LAST' };
const below = ({ ids }: Seed) => ({
  types: { allowedParentTypeIds: [ids.rootLevelType] },
  level: { levelTypeId: ids.levelType, parentId: ids.rootLevel },
});
const metadata = (own: Seed) => ({ attributes: json(), preferredDisplayMetricIds: [own.ids.metric] });
const place = (own: Seed) => ({ name: text(fresh(), 'site'), ...position, ...metadata(own) });
const placeChange = (own: Seed, id: string) => ({ id, ...place(own), attributesToDelete: [text()] });
const details = () => ({ description: text(), address: text() });
const thingDetails = ({ ids, names }: Seed) => ({
  ...details(),
  model: text(),
  manufacturer: text(),
  manufacturerId: text(fresh(), 'manufacturerId'),
  levelId: ids.level,
  attributes: json(),
  properties: keys(names.property, 'value'),
  integrationIds: [ids.integration],
});
const metricTexts = () => ({ displayName: text(), description: text(), unitLabel: text('unit'), tags: [text('tag')] });
const propertyDefinitions = [
  {
    name: text(fresh(), 'property'),
    valueType: 'STRING',
    description: text(),
    unit: text('unit'),
    constraints: { pattern: text('[a-z]+'), oneOf: [text('a')] },
  },
];
const typeTexts = () => ({ description: text(), tags: [text('tag')], modelMetadata: json(), propertyDefinitions });
const typeUrls = () => ({
  defaultImageUrl: text('https://example.com/image'),
  defaultIconUrl: text('https://example.com/icon'),
});
const templateSpec = ({ ids }: Seed) =>
  within(ids.metric, (metricId) => ({
    timestamp: { pointer: '/at', format: 'EPOCH_MILLIS' },
    mappings: [{ metricId, pointer: '/value' }],
  }));
const templateInput = (own: Seed) => ({
  target: 'THING_DATA',
  format: 'JSON_POINTER',
  spec: unmarked(templateSpec(own)),
});
const templateTexts = (own: Seed) => ({
  name: text(fresh(), 'template'),
  description: text(),
  tags: [text('tag')],
  spec: templateSpec(own),
});
const secret = (own: Seed) => ({ integrationId: own.ids.egressIntegration, name: fresh(), value: 'value' });
const keyBounds = () => ({
  scopes: [{ action: 'WRITE', resourceFilter: path('PLACE/Site/#') }],
  allowedCidrs: [text('*')],
});
const frame = (own: Seed) => ({ timestamp: Date.now(), metrics: keys(own.names.metric, 1) });
const storedSecret =
  (withValue: boolean): Sample =>
  async (own) => {
    const stored = secret(own);
    await change(own.client, 'putSecret', stored, 'version');
    const { integrationId, name } = stored;
    return () => ({
      input: { integrationId, name: reference(name), ...(withValue ? { value: text('new value') } : {}) },
    });
  };

/** Samples of mutations. */
export const mutationSamples: Readonly<Record<string, readonly Sample[]>> = {
  'Mutation.updateOrganization': [
    input(() => ({
      name: text(),
      displayName: text(),
      logoUrl: text('https://example.com/logo'),
      primaryColor: text('#ffffff'),
      secondaryColor: text('#000000'),
    })),
  ],
  'Mutation.createExport': [
    async (own) => {
      await noExport(own);
      return () => ({ input: { lifeHours: 1 } });
    },
  ],
  'Mutation.cancelExport': [on(exported)],
  'Mutation.setRetention': [input(() => ({ days: 365 }))],
  // Its own name is no text of the sweep, so that nothing is deleted.
  'Mutation.deleteOrganization': [input(() => ({ confirmName: text('another name') }))],
  'Mutation.setDefinitionPurge': [input(() => ({ days: 90 }))],
  'Mutation.createSite': [input((own) => ({ ...place(own), address: text() }))],
  'Mutation.updateSite': [on(site, (own, id) => ({ ...placeChange(own, id), address: text() }))],
  'Mutation.deleteSite': [on(site)],
  'Mutation.createFleet': [input(place)],
  'Mutation.updateFleet': [on(fleet, placeChange)],
  'Mutation.deleteFleet': [on(fleet)],
  'Mutation.createLevelType': [
    input((own) => ({ siteId: own.ids.site, name: text(fresh(), 'levelType'), ...below(own).types })),
  ],
  'Mutation.updateLevelType': [
    on(levelType, (own, id) => ({ id, name: text(fresh(), 'secondLevelType'), ...below(own).types })),
  ],
  'Mutation.deleteLevelType': [on(levelType)],
  'Mutation.createLevel': [
    input((own) => ({
      siteId: own.ids.site,
      name: text(fresh(), 'level'),
      ...details(),
      attributes: json(),
      ...below(own).level,
    })),
  ],
  'Mutation.updateLevel': [
    on(level, (_own, id) => ({
      id,
      name: text(fresh(), 'level'),
      ...details(),
      attributes: json(),
      attributesToDelete: [text()],
    })),
  ],
  'Mutation.moveLevel': [on(level, ({ ids }, id) => ({ id, parentId: ids.rootLevel }))],
  'Mutation.deleteLevel': [on(level)],
  'Mutation.createLevelGroup': [
    input(({ ids }) => ({ siteId: ids.site, name: text(fresh(), 'levelGroup'), levelIds: [ids.level] })),
  ],
  'Mutation.updateLevelGroup': [
    on(levelGroup, ({ ids }, id) => ({ id, name: text(fresh(), 'secondLevelGroup'), levelIds: [ids.level] })),
  ],
  'Mutation.deleteLevelGroup': [on(levelGroup)],
  'Mutation.createThing': [
    input((own) => ({
      placeId: own.ids.site,
      name: text(fresh(), 'thing'),
      typeId: own.ids.thingType,
      ...thingDetails(own),
    })),
    input((own) => ({ placeId: own.ids.site, name: text(fresh(), 'thing'), typeName: reference(own.names.thingType) })),
  ],
  'Mutation.updateThing': [
    on(thing, (own, id) => ({
      id,
      name: text(fresh(), 'thing'),
      ...thingDetails(own),
      manufacturerId: text(fresh(), 'secondManufacturerId'),
      attributesToDelete: [text()],
      propertiesToDelete: [text()],
    })),
  ],
  'Mutation.upgradeThing': [on(thing, ({ ids }, id) => ({ id, typeVersionId: ids.thingTypeVersion }))],
  'Mutation.deleteThing': [on(thing)],
  'Mutation.ingestFrames': [
    input((own) => ({
      things: [
        { thingId: own.ids.thing, frames: [frame(own)] },
        { thingId: own.ids.fleetThing, frames: [frame(own)] },
      ],
    })),
  ],
  'Mutation.ingestColumnar': [
    input(({ ids, names }) => ({
      thingId: ids.thing,
      columns: [reference(names.metric), text('timestamp')],
      rows: [[1, Date.now()]],
    })),
  ],
  'Mutation.createMetric': [
    input(() => ({
      name: text(fresh(), 'metric'),
      dataType: 'INT',
      defaultAggregation: 'LAST',
      ...metricTexts(),
      enumValues: [{ code: text('1'), label: text('label') }],
    })),
  ],
  'Mutation.updateMetric': [
    on(
      (own) =>
        made(own, 'Metric', {
          name: fresh(),
          dataType: 'INT',
          defaultAggregation: 'LAST',
          enumValues: [{ code: '1', label: 'one' }],
        }),
      (_own, id) => ({ id, ...metricTexts(), enumValues: [{ code: text('1'), label: text('label') }] }),
    ),
  ],
  'Mutation.deleteMetric': [on(metric)],
  'Mutation.restoreMetric': [on(deleted('Metric', metric))],
  'Mutation.createThingType': [
    input(({ ids }) => ({
      displayName: text(fresh(), 'thingType'),
      metricIds: [ids.metric],
      allowedSubDefinitionIds: [ids.subThingType],
      ...typeTexts(),
      ...typeUrls(),
    })),
  ],
  'Mutation.updateThingType': [
    on(thingType, (_own, id) => ({
      id,
      displayName: text(fresh(), 'secondThingType'),
      description: text(),
      ...typeUrls(),
    })),
  ],
  'Mutation.createThingTypeVersion': [
    on(thingType, ({ ids }, typeId) => ({
      typeId,
      metricIds: [ids.metric],
      displayName: text(fresh(), 'thingType'),
      allowedSubDefinitionIds: [ids.subThingType],
      ...typeTexts(),
    })),
  ],
  'Mutation.updateThingTypeVersion': [
    on(version, (_own, id) => ({ id, displayName: text(fresh(), 'thingType'), ...typeTexts() })),
  ],
  'Mutation.deleteThingType': [on(thingType)],
  'Mutation.restoreThingType': [on(deleted('ThingType', thingType))],
  'Mutation.createIntegration': [
    input((own) => ({
      name: text(fresh(), 'integration'),
      direction: 'EGRESS',
      type: text('PAGER'),
      properties: text({ fresh: ['setting'] }),
      resources: resources(own),
      metadata: json(),
    })),
  ],
  'Mutation.updateIntegration': [
    on(integration, (own, id) => ({
      id,
      name: text(fresh(), 'integration'),
      resources: resources(own),
      properties: text({ fresh: ['setting'] }),
      propertiesToDelete: [text()],
      metadata: json(),
      metadataToDelete: [text()],
    })),
  ],
  'Mutation.setIntegrationEnabled': [on(integration, (_own, id) => ({ id, isEnabled: false }))],
  'Mutation.testSend': [on(hook)],
  'Mutation.mapResource': [
    input((own) => ({
      ...mapping(own),
      direction: 'EGRESS',
      type: text('WEBHOOK'),
      thirdPartyId: text(),
      resourceThirdPartyId: text(fresh(), 'manufacturerId'),
      metadata: json(),
    })),
  ],
  'Mutation.unmapResource': [on(mapped)],
  'Mutation.deleteIntegration': [on(integration)],
  'Mutation.createTemplate': [input((own) => ({ ...templateInput(own), ...templateTexts(own) }))],
  'Mutation.updateTemplate': [on(template, (own, id) => ({ id, ...templateTexts(own) }))],
  'Mutation.deleteTemplate': [on(template)],
  'Mutation.restoreTemplate': [on(deleted('Template', template))],
  'Mutation.testTemplate': [
    input(({ ids }) => ({ id: ids.template, document: json() })),
    input((own) => ({ format: 'JSON_POINTER', spec: templateSpec(own), document: json() })),
  ],
  'Mutation.ingestViaTemplate': [
    input(({ ids }) => ({ thingId: ids.thing, templateId: ids.template, document: json() })),
  ],
  'Mutation.putSecret': [input((own) => ({ ...secret(own), name: text(fresh(), 'secret'), value: text('value') }))],
  'Mutation.rotateSecret': [storedSecret(true)],
  'Mutation.deleteSecret': [storedSecret(false)],
  'Mutation.createMonitor': [
    input((own) => ({ name: text(fresh(), 'monitor'), ...rule(own) })),
    input((own) => ({
      name: text(fresh(), 'monitor'),
      ...rule(own),
      target: { type: 'ALL_THINGS_OF_TYPE_IN_PLACE', placeId: own.ids.site, thingTypeId: own.ids.thingType },
    })),
  ],
  'Mutation.updateMonitor': [
    on(monitor, (own, id) => ({ id, name: text(fresh(), 'monitor'), ...rule(own) })),
    on(monitor, ({ ids }, id) => ({
      id,
      target: { type: 'ALL_THINGS_OF_TYPE_IN_PLACE', placeId: ids.site, thingTypeId: ids.thingType },
    })),
    (own) => () => ({
      input: {
        id: own.ids.monitor,
        alerts: [{ ...alertOf(own), id: own.ids.alert, operand: text('power', 'operand') }],
      },
    }),
  ],
  'Mutation.setMonitorEnabled': [on(monitor, (_own, id) => ({ id, isEnabled: true }))],
  'Mutation.deleteMonitor': [on(monitor)],
  'Mutation.createApiKey': [input(() => ({ name: text(fresh(), 'apiKey'), type: 'ADMIN', ...keyBounds() }))],
  'Mutation.updateApiKey': [on(apiKey, (_own, id) => ({ id, name: text(fresh(), 'apiKey'), ...keyBounds() }))],
  'Mutation.rotateApiKey': [on(apiKey)],
  'Mutation.revokeApiKey': [on(apiKey)],
};
