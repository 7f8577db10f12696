import { fieldsOf } from '../fields-of.js';
import { placeSeries } from '../telemetry/place-series.js';
import type { FleetResolvers } from '../types.generated.js';

/** Fields of fleets. */
export const Fleet: FleetResolvers = {
  ...fieldsOf('Fleet'),
  timeseries: (fleet, args, context) => placeSeries(context, fleet, args),
};
