import { type Check, passUnless } from '../check.js';
import { askPublic } from '../system/ask-public.js';
import { nothingInFront, publicAddress } from '../system/public-address.js';

const minSeconds = 31_536_000;
const paths = ['/health/live', '/graphql', '/no-such-address'];

/** Every answer of the public address, faults too, tells browsers to come back by TLS only, for a year at least. */
export const strictTransport: Check = {
  id: 'strict-transport',
  title: 'Every public answer carries Strict-Transport-Security of a year',
  look: async (context) => {
    const url = publicAddress(context);
    if (url === undefined) return nothingInFront();
    const faults: string[] = [];
    for (const path of paths) {
      const { status, headers } = await askPublic(new URL(path, url), context.extraAuthorities);
      const value = String(headers['strict-transport-security'] ?? '');
      const seconds = Number(/max-age=(\d+)/.exec(value)?.[1] ?? 0);
      if (seconds < minSeconds || !/includeSubDomains/i.test(value)) faults.push(`${path} (${status}) lacks it`);
    }
    return passUnless(faults, `on ${paths.length} answers, for a year and subdomains`);
  },
};
