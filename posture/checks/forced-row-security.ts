import { gateFinding } from '../catalogue/gate-faults.js';
import type { Check } from '../check.js';

/** Row-level security guards every table of organizations. */
export const forcedRowSecurity: Check = {
  id: 'forced-row-security',
  title: 'Row-level security guards every table of organizations',
  look: (context) =>
    gateFinding(
      context,
      ['forcedRowSecurity', 'policies', 'noOpenPolicies', 'contextOncePerQuery', 'neededPolicies'],
      'no table, partition or policy of both databases is open',
    ),
};
