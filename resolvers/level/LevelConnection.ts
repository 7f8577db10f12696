import type { LevelRow } from '../../db/tables/places.js';
import { countedConnectionOf } from '../connection.js';
import type { LevelConnectionResolvers } from '../types.generated.js';

/** Pages of levels. */
export const LevelConnection: LevelConnectionResolvers = countedConnectionOf<LevelRow>();
