import { randomUUID } from 'node:crypto';
import { systemIdentity } from '../../auth/identity.js';
import { dueMonitors } from '../../domain/monitor/due-monitors.js';
import { evaluateMonitor } from '../../domain/monitor/evaluate-monitor.js';
import { recordFailure } from '../../domain/monitor/record-failure.js';
import { failureReason } from '../failure-reason.js';
import { organizationOf } from '../organization-of.js';
import type { Task } from '../task.js';

const part = 'monitors';

/** Evaluates the monitors of an organization whose tick has come. One that fails says so and holds up no other. */
export const evaluateMonitors: Task = {
  name: 'evaluateMonitors',
  concerns: 'ORGANIZATION',
  maxAttempts: 3,
  run: async (payload, { operational, telemetry, log, signal }) => {
    const orgId = organizationOf(payload);
    const stores = { operational, telemetry, identity: systemIdentity(orgId, part, randomUUID()) };
    for (const monitorId of await dueMonitors(stores)) {
      if (signal.aborted) return;
      try {
        await evaluateMonitor(stores, monitorId);
      } catch (error) {
        const reason = failureReason(error);
        log.error({ orgId, monitorId, reason }, 'a monitor could not be evaluated');
        await recordFailure(stores, monitorId, reason);
      }
    }
  },
};
