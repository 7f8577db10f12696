import type { ThingTypeRow } from '../../db/tables/definitions.js';
import { countedConnectionOf } from '../connection.js';
import type { ThingTypeConnectionResolvers } from '../types.generated.js';

/** Pages of thing types. */
export const ThingTypeConnection: ThingTypeConnectionResolvers = countedConnectionOf<ThingTypeRow>();
