import { fieldsOf } from '../fields-of.js';
import { thingLatest, thingRecentEvents, thingSeries } from '../telemetry/thing-telemetry.js';
import type { ThingResolvers } from '../types.generated.js';

/** Fields of things. */
export const Thing: ThingResolvers = {
  ...fieldsOf('Thing'),
  timeseries: (thing, args, context) => thingSeries(context, thing, args),
  recentEvents: (thing, args, context) => thingRecentEvents(context, thing, args),
  latest: (thing, args, context) => thingLatest(context, thing, args),
};
