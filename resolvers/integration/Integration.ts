import type { IntegrationResolvers } from '../types.generated.js';

/** Fields of integrations but their secrets: each is the column of its name. */
export const integrationFields = {} satisfies IntegrationResolvers;
