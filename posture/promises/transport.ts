import { kept, type Promised } from '../promised.js';

/** Encryption on the way. */
export const transportPromises: readonly Promised[] = [
  kept(
    'P018',
    'DEPLOYMENT',
    'Supporting services are spoken to in encrypted form only.',
    ['encrypted-sessions', 'encrypted-services'],
    'tests/integration/posture-of-database.test.ts',
  ),
  kept(
    'P021',
    'DEPLOYMENT',
    'All traffic of the API is encrypted by TLS.',
    ['modern-tls', 'no-plain-http'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P022',
    'DEPLOYMENT',
    'Certificates are valid and renewed in time.',
    ['valid-certificate'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P023',
    'DEPLOYMENT',
    'Traffic between the parts is encrypted.',
    ['encrypted-sessions', 'encrypted-services'],
    'tests/integration/posture-of-database.test.ts',
  ),
  kept(
    'P024',
    'DEPLOYMENT',
    'No part is spoken to in clear text, and plain HTTP is refused.',
    ['encrypted-sessions', 'encrypted-services', 'no-plain-http'],
    'tests/integration/posture-of-database.test.ts',
  ),
  kept(
    'P080',
    'DEPLOYMENT',
    'Clients and PostgreSQL are spoken to by TLS 1.3, which has modern ciphers only.',
    ['modern-tls', 'encrypted-sessions'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P095',
    'DEPLOYMENT',
    'TLS 1.3 is used for all connections of clients and to PostgreSQL.',
    ['modern-tls', 'encrypted-sessions'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P096',
    'DEPLOYMENT',
    'Browsers are told for a year to come back by TLS only.',
    ['strict-transport'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P114',
    'DEPLOYMENT',
    'Every answer carries headers that forbid framing, sniffing and referrers.',
    ['security-headers'],
    'tests/integration/posture-of-machine.test.ts',
  ),
];
