import { askForOrganizations } from '../ask-for-organizations.js';
import type { Task } from '../task.js';
import { evaluateMonitors } from './evaluate-monitors.js';

const part = 'findDueMonitors';

/** Asks for an evaluation of the monitors of every organization that has one whose tick has come. */
export const findDueMonitors: Task = {
  name: part,
  concerns: 'DEPLOYMENT',
  maxAttempts: 1,
  schedule: { cron: '* * * * *', afterStartMs: 0 },
  run: (_payload, context) =>
    askForOrganizations(
      context,
      part,
      ({ sql }) => sql<{ orgId: string }[]>`select o as "orgId" from platform.organizations_with_due_monitors() o`,
      evaluateMonitors,
      'due',
    ),
};
