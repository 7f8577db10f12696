import { placePath } from '../../auth/scopes/resource-path.js';
import { createPlace } from '../../domain/place/create-place.js';
import { deletePlace } from '../../domain/place/delete-place.js';
import { getPlace } from '../../domain/place/get-place.js';
import { updatePlace } from '../../domain/place/update-place.js';
import { ifReadable, mutate, updated } from '../mutate.js';
import type { MutationResolvers } from '../types.generated.js';

/** Changes of fleets. */
export const Mutation = {
  createFleet: (_root, { input }, context) =>
    mutate(context, 'createFleet', input, async (tx) => {
      const id = await createPlace(tx, 'Fleet', input);
      const resource = placePath('Fleet', id);
      return { value: { id, fleet: ifReadable(context, resource, await getPlace(tx, 'Fleet', id)) }, resource };
    }),
  updateFleet: (_root, { input }, context) =>
    mutate(context, 'updateFleet', input, async (tx) => {
      const change = await updatePlace(tx, 'Fleet', input);
      return updated(context, placePath('Fleet', change.before.id), change, (fleet) => ({ fleet }));
    }),
  deleteFleet: (_root, { input }, context) =>
    mutate(context, 'deleteFleet', input, async (tx) => {
      const before = await deletePlace(tx, 'Fleet', input.id);
      const deleted = { noun: 'FLEET', id: before.id } as const;
      return { value: { id: before.id }, resource: placePath('Fleet', before.id), before, deleted };
    }),
} satisfies MutationResolvers;
