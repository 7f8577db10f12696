import { placeFields } from '../place/Place.js';
import type { FleetResolvers } from '../types.generated.js';

/** Fields of fleets. */
export const Fleet: FleetResolvers = placeFields;
