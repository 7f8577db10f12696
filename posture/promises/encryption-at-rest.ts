import { kept, type Promised } from '../promised.js';

/** Encryption on disks. */
export const encryptionAtRestPromises: readonly Promised[] = [
  kept(
    'P025',
    'DEPLOYMENT',
    'Records are encrypted on the disk.',
    ['disk-of-data'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P026',
    'DEPLOYMENT',
    'Configuration is encrypted on the disk, and its secrets are private.',
    ['disk-of-home', 'private-files'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P027',
    'DEPLOYMENT',
    'Audit logs are encrypted on the disk.',
    ['disk-of-home', 'disk-of-data'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P028',
    'DEPLOYMENT',
    'Queues are encrypted on the disk, and hold ids only.',
    ['disk-of-data', 'triggers-enabled'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P030',
    'DEPLOYMENT',
    'Measurements are encrypted on the disk.',
    ['disk-of-data'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P098',
    'DEPLOYMENT',
    'The volume of PostgreSQL is encrypted as a whole.',
    ['disk-of-data'],
    'tests/integration/posture-of-machine.test.ts',
  ),
];
