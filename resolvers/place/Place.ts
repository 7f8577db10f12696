import type { PlaceRow } from '../../db/tables/places.js';
import type { ThingRow } from '../../db/tables/things.js';
import { readPage } from '../../domain/read-page.js';
import { thingList } from '../../domain/thing/thing-list.js';
import { placeSeries } from '../telemetry/place-series.js';
import type { PlaceResolvers, SiteResolvers } from '../types.generated.js';

/** Which type of the schema a place is. */
export const Place: PlaceResolvers = {
  __resolveType: (place) => (place.placeType === 'Site' ? 'Site' : 'Fleet'),
};

/** Resolvers of the fields that sites and fleets share. */
export const placeFields = {
  placeType: (place) => (place.placeType === 'Site' ? 'SITE' : 'FLEET'),
  preferredDisplayMetrics: async (place, _args, { loaders }) =>
    (await loaders.metric.loadMany(place.preferredDisplayMetricIds)).map((metric) =>
      metric === undefined || metric instanceof Error ? null : metric,
    ),
  things: (place, { first, after, filter }, context) =>
    readPage<ThingRow>(
      context.operational,
      context.identity,
      thingList({ placeId: place.id, typeId: filter?.typeId, search: filter?.search }),
      { first, after },
    ),
  timeseries: (place: PlaceRow, args, context) => placeSeries(context, place, args),
} satisfies SiteResolvers;
