import type { PlaceResolvers } from '../types.generated.js';

/** Which type of the schema a place is. */
export const Place: PlaceResolvers = {
  __resolveType: (place) => (place.placeType === 'Site' ? 'Site' : 'Fleet'),
};
