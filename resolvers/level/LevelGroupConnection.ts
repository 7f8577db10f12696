import type { LevelGroupRow } from '../../db/tables/places.js';
import { countedConnectionOf } from '../connection.js';
import type { LevelGroupConnectionResolvers } from '../types.generated.js';

/** Pages of level groups. */
export const LevelGroupConnection: LevelGroupConnectionResolvers = countedConnectionOf<LevelGroupRow>();
