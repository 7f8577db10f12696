import { fieldsOf } from '../fields-of.js';
import { activeAlerts } from '../monitor/active-alerts.js';
import { thingLatest, thingRecentEvents, thingSeries } from '../telemetry/thing-telemetry.js';
import type { ThingResolvers } from '../types.generated.js';

/** Fields of things. */
export const Thing: ThingResolvers = {
  ...fieldsOf('Thing'),
  activeAlerts: (thing, { first, after }, context) => activeAlerts(context, { thingId: thing.id }, { first, after }),
  timeseries: (thing, args, context) => thingSeries(context, thing, args),
  recentEvents: (thing, args, context) => thingRecentEvents(context, thing, args),
  latest: (thing, args, context) => thingLatest(context, thing, args),
};
