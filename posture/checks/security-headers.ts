import { type Check, passUnless } from '../check.js';
import { askGateway } from '../system/ask-gateway.js';

/** What every answer has to forbid, whatever its status. */
const required: Readonly<Record<string, RegExp>> = {
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/,
  'referrer-policy': /^no-referrer$/,
  'permissions-policy': /camera=\(\)/,
  'content-security-policy': /frame-ancestors 'none'/,
};
const paths = ['/health/live', '/explorer', '/graphql', '/no-such-address', '/audit.csv'];

/** Answers of several kinds forbid sniffing, framing and referrers. */
export const securityHeaders: Check = {
  id: 'security-headers',
  title: 'Every answer forbids sniffing, framing and referrers',
  look: async (context) => {
    const faults: string[] = [];
    for (const path of paths) {
      const { status, headers } = await askGateway(context, path);
      const missing = Object.keys(required).filter((name) => required[name]?.test(headers.get(name) ?? '') !== true);
      if (missing.length > 0) faults.push(`${path} (${status}) lacks ${missing.join(', ')}`);
    }
    return passUnless(faults, `all five headers on ${paths.length} answers of 200, 401, 404 and others`);
  },
};
