import { mayAct } from '../../auth/authorize.js';
import { apiKeyPath } from '../../auth/scopes/resource-path.js';
import { createApiKey } from '../../domain/api-key/create-api-key.js';
import { getApiKey } from '../../domain/api-key/get-api-key.js';
import { revokeApiKey } from '../../domain/api-key/revoke-api-key.js';
import { graceSecondsBounds, rotateApiKey } from '../../domain/api-key/rotate-api-key.js';
import { updateApiKey } from '../../domain/api-key/update-api-key.js';
import { ifReadable, mutate } from '../mutate.js';
import type { MutationResolvers } from '../types.generated.js';
import { writtenScopes } from './graphql-scopes.js';

/** Changes of API keys. No input holds a secret; the ones that answers show are in no audit entry. */
export const Mutation = {
  createApiKey: (_root, { input }, context) =>
    mutate(context, 'createApiKey', input, async (tx) => {
      const scopes = writtenScopes(input.scopes);
      const { id, text } = await createApiKey(tx, context.environment, { ...input, scopes });
      const resource = apiKeyPath(id);
      const apiKey = mayAct(context.identity, 'read', resource) ? await getApiKey(tx, id) : null;
      return { value: { id, secret: text, apiKey }, resource };
    }),
  updateApiKey: (_root, { input }, context) =>
    mutate(context, 'updateApiKey', input, async (tx) => {
      const scopes = input.scopes ? writtenScopes(input.scopes) : input.scopes;
      const { before, after } = await updateApiKey(tx, { ...input, scopes });
      const resource = apiKeyPath(after.id);
      return { value: { apiKey: ifReadable(context, resource, after) }, resource, before };
    }),
  rotateApiKey: (_root, { input }, context) =>
    mutate(context, 'rotateApiKey', input, async (tx) => {
      const { id, graceSeconds = graceSecondsBounds.default } = input;
      const { before, after, text } = await rotateApiKey(tx, context.environment, { id, graceSeconds });
      const resource = apiKeyPath(after.id);
      return { value: { apiKey: ifReadable(context, resource, after), secret: text }, resource, before };
    }),
  revokeApiKey: (_root, { input }, context) =>
    mutate(context, 'revokeApiKey', input, async (tx) => {
      const { before, after } = await revokeApiKey(tx, input.id);
      const resource = apiKeyPath(after.id);
      return { value: { apiKey: ifReadable(context, resource, after) }, resource, before };
    }),
} satisfies MutationResolvers;
