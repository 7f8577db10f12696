import { placePath } from '../../auth/scopes/resource-path.js';
import { createPlace } from '../../domain/place/create-place.js';
import { deletePlace } from '../../domain/place/delete-place.js';
import { getPlace } from '../../domain/place/get-place.js';
import { updatePlace } from '../../domain/place/update-place.js';
import { ifReadable, mutate, updated } from '../mutate.js';
import type { MutationResolvers } from '../types.generated.js';

/** Changes of sites. */
export const Mutation = {
  createSite: (_root, { input }, context) =>
    mutate(context, 'createSite', input, async (tx) => {
      const id = await createPlace(tx, 'Site', input);
      const resource = placePath('Site', id);
      return { value: { id, site: ifReadable(context, resource, await getPlace(tx, 'Site', id)) }, resource };
    }),
  updateSite: (_root, { input }, context) =>
    mutate(context, 'updateSite', input, async (tx) => {
      const change = await updatePlace(tx, 'Site', input);
      return updated(context, placePath('Site', change.before.id), change, (site) => ({ site }));
    }),
  deleteSite: (_root, { input }, context) =>
    mutate(context, 'deleteSite', input, async (tx) => {
      const before = await deletePlace(tx, 'Site', input.id);
      const deleted = { noun: 'SITE', id: before.id } as const;
      return { value: { id: before.id }, resource: placePath('Site', before.id), before, deleted };
    }),
} satisfies MutationResolvers;
