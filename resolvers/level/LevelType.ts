import type { LevelTypeResolvers } from '../types.generated.js';

/** Fields of level types. */
export const LevelType: LevelTypeResolvers = {
  allowedParentTypeIds: (type, _args, { loaders }) => loaders.parentTypeIdsOfLevelType.load(type.id),
};
