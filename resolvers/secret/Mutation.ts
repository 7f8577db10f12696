import { deleteIntegration } from '../../domain/secret/delete-integration.js';
import { deleteSecret } from '../../domain/secret/delete-secret.js';
import { putSecret } from '../../domain/secret/put-secret.js';
import { rotateSecret } from '../../domain/secret/rotate-secret.js';
import type { RequestContext } from '../request-context.js';
import type { MutationResolvers } from '../types.generated.js';

/** Changes of secrets, and of integrations as far as their secrets go with them. */
export const Mutation = {
  putSecret: (_root, { input }, context) => forgetting(context, putSecret(context, input)),
  rotateSecret: (_root, { input }, context) => forgetting(context, rotateSecret(context, input)),
  deleteSecret: async (_root, { input }, context) => ({
    name: await forgetting(context, deleteSecret(context, input)),
  }),
  deleteIntegration: async (_root, { input }, context) => ({
    id: await forgetting(context, deleteIntegration(context, input.id)),
  }),
} satisfies MutationResolvers;

/** What the request has read so far may have changed. */
async function forgetting<T>({ loaders }: RequestContext, change: Promise<T>): Promise<T> {
  const value = await change;
  loaders.clear();
  return value;
}
