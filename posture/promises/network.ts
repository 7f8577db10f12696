import { absent, kept, type Promised } from '../promised.js';

/** What is reached from where. */
export const networkPromises: readonly Promised[] = [
  kept(
    'P012',
    'DEPLOYMENT',
    'Nothing of the system is reached from the internet directly.',
    ['private-listeners'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P013',
    'DEPLOYMENT',
    'Requests come in through the proxy only.',
    ['private-listeners', 'modern-tls'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P014',
    'DEPLOYMENT',
    'All public addresses are behind a web application firewall.',
    ['firewall-in-front'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P015',
    'DEPLOYMENT',
    'That firewall refuses common exploits.',
    ['firewall-in-front'],
    'tests/integration/posture-of-machine.test.ts',
  ),
  kept(
    'P016',
    'DEPLOYMENT',
    'Supporting services are reached over private networks.',
    ['private-peers', 'private-listeners'],
    'tests/integration/posture-of-database.test.ts',
  ),
  kept(
    'P017',
    'DEPLOYMENT',
    'Supporting services let in callers with credentials only, from private networks.',
    ['password-required', 'private-peers'],
    'tests/integration/posture-of-database.test.ts',
  ),
  {
    id: 'P019',
    words: 'The infrastructure spans several regions.',
    keeper: 'DEPLOYMENT',
    checks: ['replica-follows'],
    reason: 'one region and one server; other regions are for whoever deploys them',
  },
  {
    id: 'P020',
    words: 'Regions are connected privately.',
    keeper: 'DEPLOYMENT',
    checks: ['replica-follows'],
    reason: 'one region and one server; other regions are for whoever deploys them',
  },
  absent(
    'P129',
    'DEPLOYMENT',
    'The application goes on when one of its processes or machines is lost.',
    'a process that ends is started again; a second machine is for whoever deploys it',
  ),
  absent(
    'P168',
    'DEPLOYMENT',
    'A firewall lets in what is needed and nothing else.',
    'the firewall of the machine is its administrator’s: Bulkhead does not look at it',
  ),
  absent(
    'P169',
    'DEPLOYMENT',
    'Machines are reached by keys, not by passwords.',
    'sshd of the machine is its administrator’s: Bulkhead does not look at it',
  ),
  absent(
    'P172',
    'OPERATOR',
    'Data is not handed to third parties.',
    'deliveries go where organizations send them; other connections are not confined by the system',
  ),
];
