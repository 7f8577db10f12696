import type { ThingTypeVersionRow } from '../../db/tables/definitions.js';
import { countedConnectionOf } from '../connection.js';
import type { ThingTypeVersionConnectionResolvers } from '../types.generated.js';

/** Pages of versions of a thing type. */
export const ThingTypeVersionConnection: ThingTypeVersionConnectionResolvers =
  countedConnectionOf<ThingTypeVersionRow>();
