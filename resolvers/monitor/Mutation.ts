import { monitorPath } from '../../auth/scopes/resource-path.js';
import { createMonitor } from '../../domain/monitor/create-monitor.js';
import { deleteMonitor } from '../../domain/monitor/delete-monitor.js';
import { getMonitor } from '../../domain/monitor/get-monitor.js';
import { setMonitorEnabled } from '../../domain/monitor/set-monitor-enabled.js';
import { updateMonitor } from '../../domain/monitor/update-monitor.js';
import { ifReadable, mutate } from '../mutate.js';
import type { MutationResolvers } from '../types.generated.js';

/** Changes of monitors. */
export const Mutation = {
  createMonitor: (_root, { input }, context) =>
    mutate(context, 'createMonitor', input, async (tx) => {
      const id = await createMonitor(tx, input);
      const resource = monitorPath(id);
      return { value: { id, monitor: ifReadable(context, resource, await getMonitor(tx, id)) }, resource };
    }),
  updateMonitor: (_root, { input }, context) =>
    mutate(context, 'updateMonitor', input, async (tx) => {
      const { before, after } = await updateMonitor(tx, input);
      const resource = monitorPath(after.id);
      return { value: { monitor: ifReadable(context, resource, after) }, resource, before };
    }),
  setMonitorEnabled: (_root, { input }, context) =>
    mutate(context, 'setMonitorEnabled', input, async (tx) => {
      const { before, after } = await setMonitorEnabled(tx, input.id, input.isEnabled);
      const resource = monitorPath(after.id);
      return { value: { monitor: ifReadable(context, resource, after) }, resource, before };
    }),
  deleteMonitor: (_root, { input }, context) =>
    mutate(context, 'deleteMonitor', input, async (tx) => {
      const before = await deleteMonitor(tx, input.id);
      const deleted = { noun: 'MONITOR', id: before.id } as const;
      return { value: { id: before.id }, resource: monitorPath(before.id), before, deleted };
    }),
} satisfies MutationResolvers;
