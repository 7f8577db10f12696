import type { PlaceRow } from '../../db/tables/places.js';
import { thingsOfPlace } from '../../domain/telemetry/things-of-place.js';
import { placeSeries as readPlaceSeries } from '../../telemetry/place-series.js';
import type { RequestContext } from '../request-context.js';
import type { SiteTimeseriesArgs } from '../types.generated.js';
import { seriesQuery } from './series-query.js';
import { countPoints } from './thing-telemetry.js';

/** Resolves `timeseries` of sites and fleets: over the things of the place that the key may read. */
export function placeSeries(context: RequestContext, place: PlaceRow, args: SiteTimeseriesArgs) {
  return context.points.read(
    () =>
      context.telemetry.read(
        context.identity,
        (tx) => thingsOfPlace(tx, place.id),
        (database, open) => readPlaceSeries(database, [...open.handles.values()], seriesQuery(args, open.oldestMs)),
      ),
    countPoints,
  );
}
