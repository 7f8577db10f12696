import { gateFinding } from '../catalogue/gate-faults.js';
import type { Check } from '../check.js';

/** The organization leads every key, index and reference. */
export const organizationInKeys: Check = {
  id: 'organization-in-keys',
  title: 'The organization leads every key, index and reference',
  look: (context) =>
    gateFinding(
      context,
      ['organizationOfTables', 'organizationFirstInIndexes', 'organizationFirstInReferences', 'usableIndexes'],
      'no key, index or reference of both databases lacks the organization',
    ),
};
