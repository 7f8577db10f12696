import { createIntegration } from '../../domain/integration/create-integration.js';
import { getIntegration } from '../../domain/integration/get-integration.js';
import { mapResource } from '../../domain/integration/map-resource.js';
import { pathOfIntegration } from '../../domain/integration/path-of-integration.js';
import { setIntegrationEnabled } from '../../domain/integration/set-integration-enabled.js';
import { outcomeOf, testSend } from '../../domain/integration/test-send.js';
import { unmapResource } from '../../domain/integration/unmap-resource.js';
import { updateIntegration } from '../../domain/integration/update-integration.js';
import { ifReadable, mutate, updated } from '../mutate.js';
import type { MutationResolvers } from '../types.generated.js';

/** Changes of integrations that leave their secrets alone. */
export const Mutation = {
  createIntegration: (_root, { input }, context) =>
    mutate(context, 'createIntegration', input, async (tx) => {
      const id = await createIntegration(tx, input, context.egress);
      const resource = pathOfIntegration({ ...input, id });
      return { value: { id, integration: ifReadable(context, resource, await getIntegration(tx, id)) }, resource };
    }),
  updateIntegration: (_root, { input }, context) =>
    mutate(context, 'updateIntegration', input, async (tx) => {
      const change = await updateIntegration(tx, input, context.egress);
      return updated(context, pathOfIntegration(change.before), change, (integration) => ({ integration }));
    }),
  setIntegrationEnabled: (_root, { input }, context) =>
    mutate(context, 'setIntegrationEnabled', input, async (tx) => {
      const change = await setIntegrationEnabled(tx, input.id, input.isEnabled);
      return updated(context, pathOfIntegration(change.before), change, (integration) => ({ integration }));
    }),
  testSend: async (_root, { input }, context) => {
    const { id, resource } = await mutate(context, 'testSend', input, async (tx) => {
      const sent = await testSend(tx, input.id);
      return { value: sent, resource: sent.resource };
    });
    const delivery = await outcomeOf(context.operational, context.identity, id);
    return { deliveryId: id, delivery: ifReadable(context, resource, delivery) };
  },
  mapResource: (_root, { input }, context) =>
    mutate(context, 'mapResource', input, async (tx) => {
      const { mapping, resource } = await mapResource(tx, input);
      return { value: { id: mapping.id, mapping: ifReadable(context, resource, mapping) }, resource };
    }),
  unmapResource: (_root, { input }, context) =>
    mutate(context, 'unmapResource', input, async (tx) => {
      const { before, resource } = await unmapResource(tx, input.id);
      return { value: { id: before.id }, resource, before };
    }),
} satisfies MutationResolvers;
