import { type Check, passUnless } from '../check.js';
import { askGateway } from '../system/ask-gateway.js';

/** Keys that nobody may come in with: none, an empty one, no key at all, one of the right form that nobody has. */
const keys: readonly (string | undefined)[] = [
  undefined,
  '',
  'no key',
  'bhad_live_AAAAAAAAAAAA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA_000000',
];
const body = JSON.stringify({ query: '{ me { name } nonsense }' });

/** Real requests without a valid key are refused by 401 before anything is looked at. */
export const keyRequired: Check = {
  id: 'key-required',
  title: 'Requests without a valid key are refused',
  look: async (context) => {
    const faults: string[] = [];
    for (const [at, key] of keys.entries()) {
      const credentials = key === undefined ? {} : { 'x-api-key': key };
      const graphql = await askGateway(context, '/graphql', {
        method: 'POST',
        headers: { ...credentials, 'content-type': 'application/json' },
        body,
      });
      if (graphql.status !== 401) faults.push(`/graphql answered ${graphql.status} to key ${at + 1} of ${keys.length}`);
      if (graphql.text.includes('nonsense')) faults.push('/graphql told of the document');
      const csv = await askGateway(context, '/audit.csv', { headers: credentials });
      if (csv.status !== 401) faults.push(`/audit.csv answered ${csv.status} to key ${at + 1} of ${keys.length}`);
    }
    return passUnless(faults, `401 to ${keys.length} wrong keys at /graphql and /audit.csv`);
  },
};
