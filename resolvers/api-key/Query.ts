import { withOrg } from '../../db/with-org.js';
import { getApiKey } from '../../domain/api-key/get-api-key.js';
import { readApiKeys } from '../../domain/api-key/read-api-keys.js';
import type { QueryResolvers } from '../types.generated.js';

/** Queries of API keys. */
export const Query = {
  apiKeys: (_root, { first, after, status, search }, { operational, identity }) =>
    readApiKeys(operational, identity, { status, search }, { first, after }),
  apiKey: (_root, { id }, { operational, identity }) =>
    withOrg(operational, identity, 'read', (tx) => getApiKey(tx, id)),
} satisfies QueryResolvers;
