import { gateFinding } from '../catalogue/gate-faults.js';
import type { Check } from '../check.js';

/** Functions with rights of their own are pinned and not for everybody. */
export const pinnedFunctions: Check = {
  id: 'pinned-functions',
  title: 'Functions with rights of their own are pinned and not for everybody',
  look: (context) =>
    gateFinding(
      context,
      ['pinnedFunctions', 'noLeakproofFunctions', 'callersViews'],
      'all functions and views of both databases are bounded',
    ),
};
