import { gateFinding } from '../catalogue/gate-faults.js';
import type { Check } from '../check.js';

/** The roles that run own nothing and have no special right. */
export const plainRoles: Check = {
  id: 'plain-roles',
  title: 'The roles that run own nothing and have no special right',
  look: (context) =>
    gateFinding(
      context,
      ['plainRoles', 'noRightsToShape', 'closedPlatform', 'closedQueue'],
      'no run-time role has more than rows and functions',
    ),
};
