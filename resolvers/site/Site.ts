import { fieldsOf } from '../fields-of.js';
import { activeAlerts } from '../monitor/active-alerts.js';
import { placeSeries } from '../telemetry/place-series.js';
import type { SiteResolvers } from '../types.generated.js';

/** Fields of sites. */
export const Site: SiteResolvers = {
  ...fieldsOf('Site'),
  activeAlerts: (site, { first, after }, context) => activeAlerts(context, { placeId: site.id }, { first, after }),
  timeseries: (site, args, context) => placeSeries(context, site, args),
};
