import { loadRelated } from '../load-related.js';
import { thingLatest, thingRecentEvents, thingSeries } from '../telemetry/thing-telemetry.js';
import type { ThingResolvers } from '../types.generated.js';

/** Fields of things. */
export const Thing: ThingResolvers = {
  placeType: (thing) => (thing.placeType === 'Site' ? 'SITE' : 'FLEET'),
  place: (thing, _args, { loaders }) => loadRelated(loaders.place, thing.placeId, 'place'),
  level: (thing, _args, { loaders }) =>
    thing.levelId === null ? null : loadRelated(loaders.level, thing.levelId, 'level'),
  typeId: (thing) => thing.thingTypeId,
  type: (thing, _args, { loaders }) => loadRelated(loaders.thingType, thing.thingTypeId, 'thing type'),
  typeVersionId: (thing) => thing.thingTypeVersionId,
  typeVersion: (thing, _args, { loaders }) =>
    loadRelated(loaders.thingTypeVersion, thing.thingTypeVersionId, 'thing type version'),
  integrationIds: (thing, _args, { loaders }) => loaders.integrationIdsOfThing.load(thing.id),
  timeseries: (thing, args, context) => thingSeries(context, thing, args),
  recentEvents: (thing, args, context) => thingRecentEvents(context, thing, args),
  latest: (thing, args, context) => thingLatest(context, thing, args),
};
