// What peers take from the product, so that all pay the same for the same check. When the product finds another way to
// look up a key or to take tokens, this is the one file to point at it.
import { randomUUID } from 'node:crypto';
import { RememberedKeys } from '../../../dist/auth/api-keys/remembered-keys.js';
import { TokenBuckets } from '../../../dist/auth/rate-limits/token-buckets.js';
import { TokenLeases } from '../../../dist/auth/rate-limits/token-leases.js';
import { openDatabase } from '../../../dist/db/database.js';
import { signContext } from '../../../dist/db/signed-context.js';
import { authenticate } from '../../../dist/server/authenticate.js';

export { signContext };

/**
 * Who asks, in two ways: `checked` looks the key up and takes tokens as the product does; `bare` knows all keys and
 * checks no limit.
 */
export async function openChecks({ operationalUrl, contextKey, environment, keys, tokens }) {
  const key = Buffer.from(contextKey, 'hex');
  const operational = openDatabase({ url: operationalUrl, contextKey: key, applicationName: 'bench checks' });
  const remembered = new RememberedKeys(operational);
  const leases = new TokenLeases(new TokenBuckets(operational));
  const lookUp = async (text) => {
    const caller = await authenticate(remembered, { 'x-api-key': text }, '127.0.0.1', randomUUID(), environment);
    return caller.identity;
  };
  const known = new Map();
  for (const text of keys) known.set(text, await lookUp(text));

  return {
    contextKey: key,
    identify: async (headers) => {
      const text = headers['x-api-key'];
      if (headers['x-bench-checks'] !== '1') {
        const identity = known.get(text);
        if (identity === undefined) throw new Error('unknown key');
        return identity;
      }
      const identity = await lookUp(text);
      const charge = await leases.take(identity, tokens[headers['x-bench-operation']]);
      if (!charge.granted) throw new Error('rate limited');
      return identity;
    },
  };
}
