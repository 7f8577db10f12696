import { organizationPath } from '../../auth/scopes/resource-path.js';
import { cancelExport } from '../../domain/export/cancel-export.js';
import { createExport, maxLifeHours } from '../../domain/export/create-export.js';
import { ifReadable, mutate, updated } from '../mutate.js';
import type { MutationResolvers } from '../types.generated.js';

/** Changes of exports. */
export const Mutation = {
  createExport: (_root, { input }, context) =>
    mutate(context, 'createExport', input, async (tx) => {
      const { row, token } = await createExport(tx, input.lifeHours ?? maxLifeHours);
      const resource = organizationPath(tx.orgId);
      return { value: { id: row.id, export: ifReadable(context, resource, row), token }, resource };
    }),
  cancelExport: (_root, { input }, context) =>
    mutate(context, 'cancelExport', input, async (tx) => {
      const { before, after } = await cancelExport(tx, input.id);
      const change = { before: { state: before.state }, after: Promise.resolve(after) };
      return updated(context, organizationPath(tx.orgId), change, (row) => ({ export: row }));
    }),
} satisfies MutationResolvers;
