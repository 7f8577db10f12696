import type { Check } from '../check.js';
import { supportFinding } from '../system/support-finding.js';

/** The Node that runs gets repairs of its makers. */
export const nodeSupported: Check = {
  id: 'node-supported',
  title: 'The Node that runs gets repairs',
  canWait: true,
  look: async ({ versions, now }) => supportFinding('node', versions.node, now),
};
