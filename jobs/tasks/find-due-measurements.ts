import { askForOrganizations } from '../ask-for-organizations.js';
import type { Task } from '../task.js';
import { measureData } from './measure-data.js';

const part = 'findDueMeasurements';

/** Asks for measurements of organizations: hourly, and each time of those near their limit or beyond it. */
export const findDueMeasurements: Task = {
  name: part,
  concerns: 'DEPLOYMENT',
  maxAttempts: 3,
  schedule: { cron: '*/10 * * * *' },
  run: (_payload, context) =>
    askForOrganizations(
      context,
      part,
      ({ sql }) => sql<{ orgId: string }[]>`select o as "orgId" from platform.organizations_to_measure() o`,
      measureData,
      'due',
    ),
};
