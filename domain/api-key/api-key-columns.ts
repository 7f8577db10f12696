import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import { type ApiKeyStatus, apiKeys } from '../../db/tables/api-keys.js';

/** State of a key. Revocation outranks expiry; the clock is that of the database, which also refuses the key. */
export const apiKeyStatus: SQL<ApiKeyStatus> = sql<ApiKeyStatus>`case
  when ${apiKeys.revokedAt} is not null then 'REVOKED'
  when ${apiKeys.expiresAt} <= clock_timestamp() then 'EXPIRED'
  else 'ACTIVE' end`;

/** What a statement has to select, or to return, for an `ApiKeyRow`. */
export const apiKeyColumns = { ...getTableColumns(apiKeys), status: apiKeyStatus };
