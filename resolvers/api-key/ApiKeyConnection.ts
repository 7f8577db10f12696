import type { ApiKeyRow } from '../../db/tables/api-keys.js';
import { countedConnectionOf } from '../connection.js';
import type { ApiKeyConnectionResolvers } from '../types.generated.js';

/** Pages of API keys. */
export const ApiKeyConnection: ApiKeyConnectionResolvers = countedConnectionOf<ApiKeyRow>();
