import { type Check, passUnless } from '../check.js';
import { askPublic } from '../system/ask-public.js';
import { nothingInFront, publicAddress } from '../system/public-address.js';

/** What stands in front of the gateway does not let anybody through to what operators have. */
export const operatorsNotPublic: Check = {
  id: 'operators-not-public',
  title: 'What operators have is not reached at the public address',
  look: async (context) => {
    const url = publicAddress(context);
    if (url === undefined) return nothingInFront();
    const faults: string[] = [];
    for (const path of ['/operator/graphql', '/metrics']) {
      const { status } = await askPublic(new URL(path, url), context.extraAuthorities);
      if (status !== 403 && status !== 404) faults.push(`${path} answers ${status} at the public address`);
    }
    return passUnless(faults, '/operator/graphql and /metrics are refused there');
  },
};
