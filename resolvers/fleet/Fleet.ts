import { fieldsOf } from '../fields-of.js';
import { activeAlerts } from '../monitor/active-alerts.js';
import { placeSeries } from '../telemetry/place-series.js';
import type { FleetResolvers } from '../types.generated.js';

/** Fields of fleets. */
export const Fleet: FleetResolvers = {
  ...fieldsOf('Fleet'),
  activeAlerts: (fleet, { first, after }, context) => activeAlerts(context, { placeId: fleet.id }, { first, after }),
  timeseries: (fleet, args, context) => placeSeries(context, fleet, args),
};
