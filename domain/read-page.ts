import { and, asc, eq, gt, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Identity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { withOrg } from '../db/with-org.js';
import { invalidInput } from '../errors/bulkhead-error.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { Page, PageRequest } from './page.js';
import { reachableRows } from './reachable-rows.js';

/** A list whose rows are ordered by id, which is the order of their creation. */
export interface ListQuery {
  /** Name of the list with all that selects its rows: cursors are good for one list only. */
  readonly name: string;
  readonly table: PgTable & { readonly orgId: PgColumn; readonly id: PgColumn };
  /** Conditions beside the organization; they add up. */
  readonly conditions: readonly (SQL | undefined)[];
}

/** Rows of one page at most. */
const maxPageSize = 100;

/**
 * Reads one page by keyset: a page deep in the list costs what the first one costs.
 * @throws BulkheadError BAD_USER_INPUT for `first` outside 1–100 or a cursor of another list
 */
export async function readPage<Row extends { readonly id: string }>(
  database: Database,
  identity: Identity,
  query: ListQuery,
  request: PageRequest,
): Promise<Page<Row>> {
  const { table } = query;
  requirePageSize(request.first);
  const scope = { key: database.cursorKey, orgId: identity.orgId, list: query.name };
  const after = request.after ? decodeCursor(scope, request.after) : undefined;
  const selected = and(eq(table.orgId, identity.orgId), reachableRows(identity, table), ...query.conditions);
  const rows = (await withOrg(database, identity, 'read', (tx) =>
    tx.db
      .select()
      .from(table as PgTable)
      .where(and(selected, after === undefined ? undefined : gt(table.id, after)))
      .orderBy(asc(table.id))
      .limit(request.first + 1),
  )) as unknown as Row[];
  return {
    rows: rows.slice(0, request.first),
    cursorOf: (row) => encodeCursor(scope, row.id),
    hasNextPage: rows.length > request.first,
    countAll: () =>
      withOrg(database, identity, 'read', async (tx) => {
        const [counted] = await tx.db
          .select({ count: sql<string>`count(*)` })
          .from(table as PgTable)
          .where(selected);
        return Number(counted?.count ?? 0);
      }),
  };
}

/** Refuses a page size outside 1–100. */
export function requirePageSize(first: number): void {
  if (first < 1 || first > maxPageSize) throw invalidInput('first', `must be between 1 and ${maxPageSize}`);
}
