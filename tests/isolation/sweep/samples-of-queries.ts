import type { Seed } from '../seed.js';
import { path, reference, text } from './marks.js';
import type { Args } from './positions.js';
import type { Sample } from './samples.js';

const hourMs = 3_600_000;

const always = (make: (own: Seed) => Args): readonly Sample[] => [(own) => () => make(own)];
const none = always(() => ({}));
const byId = (noun: keyof Seed['ids']) => always(({ ids }) => ({ id: ids[noun] }));
const searched = (name: keyof Seed['names']) => always(({ names }) => ({ first: 5, search: reference(names[name]) }));
const window = () => ({ start: new Date(Date.now() - hourMs), end: new Date(Date.now() + hourMs) });
const metricIds = ({ names }: Seed) => ({ metricIds: [reference(names.metric)] });
const series = always((own) => ({ ...window(), bin: { unit: 'DAY', timeZone: text('UTC') }, ...metricIds(own) }));
const placeThings = (search: keyof Seed['names']) =>
  always(({ ids, names }) => ({ first: 5, filter: { typeId: ids.thingType, search: reference(names[search]) } }));

/** Samples of queries and subscriptions, and of the fields with arguments of objects that queries answer. */
export const querySamples: Readonly<Record<string, readonly Sample[]>> = {
  'Query.me': none,
  'Query.organization': none,
  'Query.retention': none,
  'Query.dataPackage': none,
  'Query.retentionPreview': always(() => ({ days: 30 })),
  'Query.rateLimits': none,
  'Query.metricSchema': none,
  'Query.sites': searched('site'),
  'Query.site': byId('site'),
  'Query.fleets': searched('fleet'),
  'Query.fleet': byId('fleet'),
  'Query.things': always(({ ids, names }) => ({
    first: 5,
    filter: { placeId: ids.site, typeId: ids.thingType, search: reference(names.thing) },
  })),
  'Query.thing': byId('thing'),
  'Query.metricDefinitions': searched('metricDisplay'),
  'Query.metricDefinition': byId('metric'),
  'Query.thingTypes': searched('thingType'),
  'Query.thingType': byId('thingType'),
  'Query.thingTypeVersion': byId('thingTypeVersion'),
  'Query.integrations': searched('integration'),
  'Query.integration': byId('integration'),
  'Query.monitors': searched('monitor'),
  'Query.monitor': byId('monitor'),
  'Query.alertEvents': always(({ ids }) => ({
    first: 5,
    filter: { monitorId: ids.monitor, placeId: ids.site, thingId: ids.thing },
  })),
  'Monitor.things': always(() => ({ first: 5 })),
  'Site.activeAlerts': always(() => ({ first: 5 })),
  'Fleet.activeAlerts': always(() => ({ first: 5 })),
  'Place.activeAlerts': always(() => ({ first: 5 })),
  'Thing.activeAlerts': always(() => ({ first: 5 })),
  'Query.templates': searched('template'),
  'Query.template': byId('template'),
  'Template.revisions': always(() => ({ first: 5 })),
  'Query.integrationCatalog': none,
  'Query.apiKeys': searched('apiKey'),
  'Query.apiKey': byId('apiKey'),
  'Query.exports': always(() => ({ first: 5 })),
  'Query.export': byId('export'),
  'Query.auditEvents': [
    async (own) => {
      const { me } = await own.client.ok('{ me { keyId } }');
      const prefix = `PLACE/Site/${own.ids.site}`;
      return () => ({
        first: 5,
        filter: { action: reference('createSite'), actorId: reference(me.keyId), resourcePrefix: path(prefix) },
      });
    },
  ],
  'Subscription.readings': always(({ ids, names }) => ({ thingId: ids.thing, metricIds: [reference(names.metric)] })),
  'Subscription.deletions': none,
  'Subscription.alerts': always(({ ids }) => ({ placeId: ids.site })),
  'Integration.resourceMappings': always(({ names }) => ({
    first: 5,
    resourceThirdPartyId: reference(names.manufacturerId),
  })),
  'Integration.deliveries': always(() => ({ first: 5 })),
  'Integration.inboundEvents': always(() => ({ first: 5 })),
  'Query.auditProof': byId('auditEvent'),
  'Query.auditCheckpoint': none,
  'Site.levels': always(({ ids }) => ({ first: 5, parentId: ids.rootLevel })),
  'Site.levelGroups': always(() => ({ first: 5 })),
  'Site.things': placeThings('thing'),
  'Site.timeseries': series,
  'Fleet.things': placeThings('thing'),
  'Fleet.timeseries': series,
  'Place.things': placeThings('thing'),
  'Place.timeseries': series,
  'Thing.timeseries': series,
  'Thing.recentEvents': always(metricIds),
  'Thing.latest': always(metricIds),
  'ThingType.versions': always(() => ({ first: 5 })),
  'ThingType.things': searched('thing'),
};
