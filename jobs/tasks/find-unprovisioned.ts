import { askForOrganizations } from '../ask-for-organizations.js';
import type { Task } from '../task.js';
import { provisionTelemetry } from './provision-telemetry.js';

const part = 'findUnprovisioned';

/** Asks again for telemetry databases that are to be made and that no job is at, one that failed for good for example. */
export const findUnprovisioned: Task = {
  name: part,
  concerns: 'DEPLOYMENT',
  maxAttempts: 3,
  schedule: { cron: '* * * * *', afterStartMs: 0 },
  run: (_payload, context) =>
    askForOrganizations(
      context,
      part,
      ({ sql }) => sql<{ orgId: string }[]>`select o as "orgId" from platform.unprovisioned_organizations() o`,
      provisionTelemetry,
      'found',
    ),
};
