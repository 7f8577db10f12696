import { createIntegration } from '../../domain/integration/create-integration.js';
import { getIntegration } from '../../domain/integration/get-integration.js';
import { pathOfIntegration } from '../../domain/integration/path-of-integration.js';
import { updateIntegration } from '../../domain/integration/update-integration.js';
import { ifReadable, mutate, updated } from '../mutate.js';
import type { MutationResolvers } from '../types.generated.js';

/** Changes of integrations that leave their secrets alone. */
export const Mutation = {
  createIntegration: (_root, { input }, context) =>
    mutate(context, 'createIntegration', input, async (tx) => {
      const id = await createIntegration(tx, input);
      const resource = pathOfIntegration({ ...input, id });
      return { value: { id, integration: ifReadable(context, resource, await getIntegration(tx, id)) }, resource };
    }),
  updateIntegration: (_root, { input }, context) =>
    mutate(context, 'updateIntegration', input, async (tx) => {
      const change = await updateIntegration(tx, input);
      return updated(context, pathOfIntegration(change.before), change, (integration) => ({ integration }));
    }),
} satisfies MutationResolvers;
