import { fieldsOf } from '../fields-of.js';
import { placeSeries } from '../telemetry/place-series.js';
import type { SiteResolvers } from '../types.generated.js';

/** Fields of sites. */
export const Site: SiteResolvers = {
  ...fieldsOf('Site'),
  timeseries: (site, args, context) => placeSeries(context, site, args),
};
