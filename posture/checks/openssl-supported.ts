import type { Check } from '../check.js';
import { supportFinding } from '../system/support-finding.js';

/** The OpenSSL that runs gets repairs of its makers. */
export const opensslSupported: Check = {
  id: 'openssl-supported',
  title: 'The OpenSSL that runs gets repairs',
  canWait: true,
  look: async ({ versions, now }) => supportFinding('openssl', versions.openssl, now),
};
