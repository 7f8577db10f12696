import type { MonitorRow } from '../../db/tables/monitors.js';
import type { ThingRow } from '../../db/tables/things.js';
import { Monitor } from '../../model/monitors.js';
import { Thing } from '../../model/things.js';
import { loadRelated } from '../load-related.js';
import type { AlertEventResolvers } from '../types.generated.js';

/** Fields of alert events. */
export const AlertEvent: AlertEventResolvers = {
  monitor: (event, _args, { loaders }) => loadRelated(loaders.rowOf<MonitorRow>(Monitor), event.monitorId, 'monitor'),
  thing: (event, _args, { loaders }) => loadRelated(loaders.rowOf<ThingRow>(Thing), event.thingId, 'thing'),
};
