import type { ApiKeyResolvers } from '../types.generated.js';
import { graphqlScopes } from './graphql-scopes.js';

/** Fields of API keys. */
export const ApiKey: ApiKeyResolvers = { scopes: (key) => graphqlScopes(key.scopes) };
