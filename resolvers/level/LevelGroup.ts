import type { LevelGroupResolvers } from '../types.generated.js';

/** Fields of level groups. */
export const LevelGroup: LevelGroupResolvers = {
  levelIds: (group, _args, { loaders }) => loaders.levelIdsOfGroup.load(group.id),
};
