import { gateFinding } from '../catalogue/gate-faults.js';
import type { Check } from '../check.js';

/** No database is open to everybody. */
export const closedToPublic: Check = {
  id: 'closed-to-public',
  title: 'No database is open to everybody',
  look: (context) => gateFinding(context, ['closedToPublic'], 'PUBLIC may connect to no database of the server'),
};
