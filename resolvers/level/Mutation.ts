import { placePath } from '../../auth/scopes/resource-path.js';
import { createLevel } from '../../domain/level/create-level.js';
import { createLevelGroup } from '../../domain/level/create-level-group.js';
import { createLevelType } from '../../domain/level/create-level-type.js';
import { deleteLevel } from '../../domain/level/delete-level.js';
import { deleteLevelGroup } from '../../domain/level/delete-level-group.js';
import { deleteLevelType } from '../../domain/level/delete-level-type.js';
import { getLevel } from '../../domain/level/get-level.js';
import { getLevelGroup } from '../../domain/level/get-level-group.js';
import { getLevelType } from '../../domain/level/get-level-type.js';
import { moveLevel } from '../../domain/level/move-level.js';
import { updateLevel } from '../../domain/level/update-level.js';
import { updateLevelGroup } from '../../domain/level/update-level-group.js';
import { updateLevelType } from '../../domain/level/update-level-type.js';
import { ifReadable, mutate, updated } from '../mutate.js';
import type { MutationResolvers } from '../types.generated.js';

/** Changes of levels, level types and level groups: their resource is the site. */
export const Mutation = {
  createLevelType: (_root, { input }, context) =>
    mutate(context, 'createLevelType', input, async (tx) => {
      const { id, siteId } = await createLevelType(tx, input);
      const resource = placePath('Site', siteId);
      return { value: { id, levelType: ifReadable(context, resource, await getLevelType(tx, id)) }, resource };
    }),
  updateLevelType: (_root, { input }, context) =>
    mutate(context, 'updateLevelType', input, async (tx) => {
      const { before, after } = await updateLevelType(tx, input);
      const resource = placePath('Site', after.siteId);
      return { value: { levelType: ifReadable(context, resource, after) }, resource, before };
    }),
  deleteLevelType: (_root, { input }, context) =>
    mutate(context, 'deleteLevelType', input, async (tx) => {
      const before = await deleteLevelType(tx, input.id);
      const deleted = { noun: 'LEVEL_TYPE', id: before.id } as const;
      return { value: { id: before.id }, resource: placePath('Site', before.siteId), before, deleted };
    }),
  createLevel: (_root, { input }, context) =>
    mutate(context, 'createLevel', input, async (tx) => {
      const { id, siteId } = await createLevel(tx, input);
      const resource = placePath('Site', siteId);
      return { value: { id, level: ifReadable(context, resource, await getLevel(tx, id)) }, resource };
    }),
  updateLevel: (_root, { input }, context) =>
    mutate(context, 'updateLevel', input, async (tx) => {
      const change = await updateLevel(tx, input);
      return updated(context, placePath('Site', change.before.siteId), change, (level) => ({ level }));
    }),
  moveLevel: (_root, { input }, context) =>
    mutate(context, 'moveLevel', input, async (tx) => {
      const { before, after } = await moveLevel(tx, input.id, input.parentId);
      const resource = placePath('Site', after.siteId);
      return { value: { level: ifReadable(context, resource, after) }, resource, before };
    }),
  deleteLevel: (_root, { input }, context) =>
    mutate(context, 'deleteLevel', input, async (tx) => {
      const before = await deleteLevel(tx, input.id);
      const deleted = { noun: 'LEVEL', id: before.id } as const;
      return { value: { id: before.id }, resource: placePath('Site', before.siteId), before, deleted };
    }),
  createLevelGroup: (_root, { input }, context) =>
    mutate(context, 'createLevelGroup', input, async (tx) => {
      const { id, siteId } = await createLevelGroup(tx, input);
      const resource = placePath('Site', siteId);
      return { value: { id, levelGroup: ifReadable(context, resource, await getLevelGroup(tx, id)) }, resource };
    }),
  updateLevelGroup: (_root, { input }, context) =>
    mutate(context, 'updateLevelGroup', input, async (tx) => {
      const { before, after } = await updateLevelGroup(tx, input);
      const resource = placePath('Site', after.siteId);
      return { value: { levelGroup: ifReadable(context, resource, after) }, resource, before };
    }),
  deleteLevelGroup: (_root, { input }, context) =>
    mutate(context, 'deleteLevelGroup', input, async (tx) => {
      const before = await deleteLevelGroup(tx, input.id);
      const deleted = { noun: 'LEVEL_GROUP', id: before.id } as const;
      return { value: { id: before.id }, resource: placePath('Site', before.siteId), before, deleted };
    }),
} satisfies MutationResolvers;
