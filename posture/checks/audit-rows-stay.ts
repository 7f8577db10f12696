import { gateFinding } from '../catalogue/gate-faults.js';
import type { Check } from '../check.js';

/** No role that runs can change or remove entries of the audit log. */
export const auditRowsStay: Check = {
  id: 'audit-rows-stay',
  title: 'No role that runs can change or remove entries of the audit log',
  look: (context) => gateFinding(context, ['auditRowsStay'], 'no run-time role has a right to write the log'),
};
