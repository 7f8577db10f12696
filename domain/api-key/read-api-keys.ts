import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Identity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { type ApiKeyRow, type ApiKeyStatus, apiKeys } from '../../db/tables/api-keys.js';
import { withOrg } from '../../db/with-org.js';
import { decodeCursor, encodeCursor } from '../cursor.js';
import type { Page, PageRequest } from '../page.js';
import { requirePageSize } from '../read-page.js';
import { searchCondition } from '../search.js';
import { apiKeyColumns, apiKeyStatus } from './api-key-columns.js';

/** Which keys a list holds. */
export interface ApiKeyFilter {
  /** Keys in this state; of every state if null or absent. */
  readonly status?: ApiKeyStatus | null | undefined;
  /** Keys whose name holds this text or whose id it is, 1–200 characters. */
  readonly search?: string | null | undefined;
}

/** To the millisecond, as cursors carry it. */
const createdAt = sql`date_trunc('milliseconds', ${apiKeys.createdAt})`;

/**
 * One page of the keys that the reader may see, oldest first: by moment of creation, because ids of keys are random.
 * @throws BulkheadError BAD_USER_INPUT for `first` outside 1–100, a bad search text, or a cursor of another list
 */
export async function readApiKeys(
  database: Database,
  identity: Identity,
  { status, search }: ApiKeyFilter,
  { first, after }: PageRequest,
): Promise<Page<ApiKeyRow>> {
  requirePageSize(first);
  const list = `apiKeys:${status ?? ''}:${search ?? ''}`;
  const scope = { key: database.cursorKey, orgId: identity.orgId, list };
  const selected = and(
    eq(apiKeys.orgId, identity.orgId),
    status === null || status === undefined ? undefined : eq(apiKeyStatus, status),
    searchCondition(search, [apiKeys.name], apiKeys.id),
  );
  const start = after ? behind(decodeCursor(scope, after)) : undefined;
  const rows = await withOrg(database, identity, 'read', (tx) =>
    tx.db
      .select(apiKeyColumns)
      .from(apiKeys)
      .where(and(selected, start))
      .orderBy(createdAt, apiKeys.id)
      .limit(first + 1),
  );
  return {
    rows: rows.slice(0, first),
    cursorOf: (row) => encodeCursor(scope, `${row.createdAt.toISOString()} ${row.id}`),
    hasNextPage: rows.length > first,
    countAll: () => withOrg(database, identity, 'read', (tx) => tx.db.$count(apiKeys, selected)),
  };
}

function behind(position: string): SQL {
  const [moment, id] = position.split(' ');
  return sql`(${createdAt}, ${apiKeys.id}) > (${moment}::timestamptz, ${id})`;
}
