import type { IntegrationRow } from '../../db/tables/things.js';
import { countedConnectionOf } from '../connection.js';
import type { IntegrationConnectionResolvers } from '../types.generated.js';

/** Pages of integrations. */
export const IntegrationConnection: IntegrationConnectionResolvers = countedConnectionOf<IntegrationRow>();
