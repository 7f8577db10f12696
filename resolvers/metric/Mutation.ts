import { metricPath } from '../../auth/scopes/resource-path.js';
import { createMetric } from '../../domain/metric/create-metric.js';
import { deleteMetric } from '../../domain/metric/delete-metric.js';
import { getMetric } from '../../domain/metric/get-metric.js';
import { restoreMetric } from '../../domain/metric/restore-metric.js';
import { updateMetric } from '../../domain/metric/update-metric.js';
import { ifReadable, mutate, updated } from '../mutate.js';
import type { MutationResolvers } from '../types.generated.js';

/** Changes of metric definitions. */
export const Mutation = {
  createMetric: (_root, { input }, context) =>
    mutate(context, 'createMetric', input, async (tx) => {
      const id = await createMetric(tx, input);
      const resource = metricPath(id);
      return { value: { id, metric: ifReadable(context, resource, await getMetric(tx, id)) }, resource };
    }),
  updateMetric: (_root, { input }, context) =>
    mutate(context, 'updateMetric', input, async (tx) => {
      const change = await updateMetric(tx, input);
      return updated(context, metricPath(change.before.id), change, (metric) => ({ metric }));
    }),
  deleteMetric: (_root, { input }, context) =>
    mutate(context, 'deleteMetric', input, async (tx) => {
      const before = await deleteMetric(tx, input.id);
      const deleted = { noun: 'METRIC', id: before.id } as const;
      return { value: { id: before.id }, resource: metricPath(before.id), before, deleted };
    }),
  restoreMetric: (_root, { input }, context) =>
    mutate(context, 'restoreMetric', input, async (tx) => {
      const { before, after } = await restoreMetric(tx, input.id);
      const resource = metricPath(after.id);
      return { value: { metric: ifReadable(context, resource, after) }, resource, before };
    }),
} satisfies MutationResolvers;
