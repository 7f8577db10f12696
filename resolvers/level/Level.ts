import { loadRelated } from '../load-related.js';
import type { LevelResolvers } from '../types.generated.js';

/** Fields of levels. */
export const Level: LevelResolvers = {
  levelType: (level, _args, { loaders }) => loadRelated(loaders.levelType, level.levelTypeId, 'level type'),
};
