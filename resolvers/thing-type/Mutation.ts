import { mayAct } from '../../auth/authorize.js';
import { thingTypePath, thingTypeVersionPath } from '../../auth/scopes/resource-path.js';
import { createThingType } from '../../domain/thing-type/create-thing-type.js';
import { createThingTypeVersion } from '../../domain/thing-type/create-thing-type-version.js';
import { deleteThingType } from '../../domain/thing-type/delete-thing-type.js';
import { getThingType } from '../../domain/thing-type/get-thing-type.js';
import { getThingTypeVersion } from '../../domain/thing-type/get-thing-type-version.js';
import { restoreThingType } from '../../domain/thing-type/restore-thing-type.js';
import { updateThingType } from '../../domain/thing-type/update-thing-type.js';
import { updateThingTypeVersion } from '../../domain/thing-type/update-thing-type-version.js';
import { ifReadable, mutate, updated } from '../mutate.js';
import type { MutationResolvers } from '../types.generated.js';

/** Changes of thing types and their versions. */
export const Mutation = {
  createThingType: (_root, { input }, context) =>
    mutate(context, 'createThingType', input, async (tx) => {
      const { id, versionId } = await createThingType(tx, input);
      const resource = thingTypePath(id);
      const thingType = ifReadable(context, resource, await getThingType(tx, id));
      return { value: { id, versionId, thingType }, resource };
    }),
  updateThingType: (_root, { input }, context) =>
    mutate(context, 'updateThingType', input, async (tx) => {
      const change = await updateThingType(tx, input);
      return updated(context, thingTypePath(change.before.id), change, (thingType) => ({ thingType }));
    }),
  createThingTypeVersion: (_root, { input }, context) =>
    mutate(context, 'createThingTypeVersion', input, async (tx) => {
      const id = await createThingTypeVersion(tx, input);
      const resource = thingTypeVersionPath(id);
      // A scope on the type lets the key make versions that it cannot see at all.
      const isReadable = mayAct(context.identity, 'read', resource);
      return { value: { id, thingTypeVersion: isReadable ? await getThingTypeVersion(tx, id) : null }, resource };
    }),
  updateThingTypeVersion: (_root, { input }, context) =>
    mutate(context, 'updateThingTypeVersion', input, async (tx) => {
      const change = await updateThingTypeVersion(tx, input);
      return updated(context, thingTypeVersionPath(change.before.id), change, (thingTypeVersion) => ({
        thingTypeVersion,
      }));
    }),
  deleteThingType: (_root, { input }, context) =>
    mutate(context, 'deleteThingType', input, async (tx) => {
      const before = await deleteThingType(tx, input.id);
      const deleted = { noun: 'THING_TYPE', id: before.id } as const;
      return { value: { id: before.id }, resource: thingTypePath(before.id), before, deleted };
    }),
  restoreThingType: (_root, { input }, context) =>
    mutate(context, 'restoreThingType', input, async (tx) => {
      const { before, after } = await restoreThingType(tx, input.id);
      const resource = thingTypePath(after.id);
      return { value: { thingType: ifReadable(context, resource, after) }, resource, before };
    }),
} satisfies MutationResolvers;
