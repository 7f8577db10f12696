import { absent, kept, type Promised, tested } from '../promised.js';

/** The audit log. */
export const auditPromises: readonly Promised[] = [
  kept(
    'P047',
    'PRODUCT',
    'The audit log is kept in numbered pieces that are never written over.',
    ['audit-copies-verify'],
    'tests/integration/audit-sealing.test.ts',
  ),
  kept(
    'P048',
    'PRODUCT',
    'Anybody with the public key can prove that the audit log was not changed.',
    ['audit-copies-verify', 'audit-rows-sealed'],
    'tests/integration/audit-sealing.test.ts',
  ),
  tested(
    'P058',
    'PRODUCT',
    'Every change by the API and every refused attempt is in the audit log.',
    ['audit-rows-stay', 'whole-audit-entries'],
    'tests/http/audit.test.ts',
  ),
  absent(
    'P059',
    'DEPLOYMENT',
    'Work on the infrastructure is recorded too.',
    'starts, jobs and operators’ changes are; what an administrator does in SQL or at the shell is not',
  ),
  kept(
    'P060',
    'DEPLOYMENT',
    'The audit log is also on another machine.',
    ['audit-copies-elsewhere', 'audit-copies-verify'],
    'tests/integration/audit-sealing.test.ts',
  ),
  tested(
    'P121',
    'PRODUCT',
    'Every administrative action is in the audit log.',
    ['audit-rows-stay', 'triggers-enabled'],
    'tests/http/audit.test.ts',
  ),
  kept(
    'P122',
    'PRODUCT',
    'Entries of the audit log cannot be changed by what runs; whoever changes them is found out.',
    ['audit-rows-stay', 'audit-rows-sealed'],
    'tests/integration/audit-sealing.test.ts',
  ),
  kept(
    'P123',
    'PRODUCT',
    'Every entry says when, who, what and with which outcome.',
    ['whole-audit-entries'],
    'tests/http/audit.test.ts',
  ),
  tested('P124', 'PRODUCT', 'You can take out the last 90 days as CSV.', ['key-required'], 'tests/http/audit.test.ts'),
];
