import type { ThingRow } from '../../db/tables/things.js';
import { countedConnectionOf } from '../connection.js';
import type { ThingConnectionResolvers } from '../types.generated.js';

/** Pages of things. */
export const ThingConnection: ThingConnectionResolvers = countedConnectionOf<ThingRow>();
