import type { PlaceRow } from '../../db/tables/places.js';
import { withOrg } from '../../db/with-org.js';
import { getPlace } from '../../domain/place/get-place.js';
import { placeList } from '../../domain/place/place-list.js';
import { readPage } from '../../domain/read-page.js';
import type { QueryResolvers } from '../types.generated.js';

/** Queries of fleets. */
export const Query = {
  fleets: (_root, { first, after, search }, { operational, identity }) =>
    readPage<PlaceRow>(operational, identity, placeList('Fleet', search), { first, after }),
  fleet: (_root, { id }, { operational, identity }) =>
    withOrg(operational, identity, 'read', (tx) => getPlace(tx, 'Fleet', id)),
} satisfies QueryResolvers;
