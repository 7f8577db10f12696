import { levelGroupMembers, levelGroups, levels, levelTypeParents, levelTypes } from '../db/tables/places.js';
import type { Entity } from './entity.js';

/** Levels of sites. */
export const Level: Entity = {
  table: levels,
  id: levels.id,
  noun: 'level',
  fields: {
    levelType: { kind: 'one', type: 'LevelType', key: levels.levelTypeId, noun: 'level type' },
  },
};

/** Types of levels. */
export const LevelType: Entity = {
  table: levelTypes,
  id: levelTypes.id,
  noun: 'level type',
  fields: {
    allowedParentTypeIds: {
      kind: 'ids',
      table: levelTypeParents,
      owner: levelTypeParents.levelTypeId,
      value: levelTypeParents.parentTypeId,
      order: levelTypeParents.parentTypeId,
    },
  },
};

/** Named sets of levels. */
export const LevelGroup: Entity = {
  table: levelGroups,
  id: levelGroups.id,
  noun: 'level group',
  fields: {
    levelIds: {
      kind: 'ids',
      table: levelGroupMembers,
      owner: levelGroupMembers.levelGroupId,
      value: levelGroupMembers.levelId,
      order: levelGroupMembers.levelId,
    },
  },
};
