import type { PlaceRow } from '../../db/tables/places.js';
import { withOrg } from '../../db/with-org.js';
import { getPlace } from '../../domain/place/get-place.js';
import { placeList } from '../../domain/place/place-list.js';
import { readPage } from '../../domain/read-page.js';
import type { QueryResolvers } from '../types.generated.js';

/** Queries of sites. */
export const Query = {
  sites: (_root, { first, after, search }, { operational, identity }) =>
    readPage<PlaceRow>(operational, identity, placeList('Site', search), { first, after }),
  site: (_root, { id }, { operational, identity }) =>
    withOrg(operational, identity, 'read', (tx) => getPlace(tx, 'Site', id)),
} satisfies QueryResolvers;
