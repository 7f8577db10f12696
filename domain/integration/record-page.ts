import { and, desc, eq, getTableColumns, lt, type SQL } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Identity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { type DeliveryRow, deliveries, inboundEvents } from '../../db/tables/integration-records.js';
import { withOrg } from '../../db/with-org.js';
import { decodeCursor, encodeCursor } from '../cursor.js';
import type { Page, PageRequest } from '../page.js';
import type { DeliveryPage, InboundEventPage } from '../pages.js';
import { requirePageSize } from '../read-page.js';
import { deliveryColumns } from './get-delivery.js';

const { body: _body, ...eventColumns } = getTableColumns(inboundEvents);

/**
 * Deliveries of an integration, newest first.
 * @throws BulkheadError BAD_USER_INPUT for a page size outside 1–100 or a cursor of another list
 */
export function deliveryPage(
  database: Database,
  identity: Identity,
  integrationId: string,
  { status, ...request }: PageRequest & { readonly status?: DeliveryRow['status'] | null | undefined },
): Promise<DeliveryPage> {
  const condition = status === null || status === undefined ? undefined : eq(deliveries.status, status);
  const list = { name: `deliveries:${status ?? ''}`, table: deliveries, columns: deliveryColumns, condition };
  return recordPage(database, identity, integrationId, list, request);
}

/**
 * Events that came in by an integration, newest first.
 * @throws BulkheadError BAD_USER_INPUT for a page size outside 1–100 or a cursor of another list
 */
export function inboundEventPage(
  database: Database,
  identity: Identity,
  integrationId: string,
  request: PageRequest,
): Promise<InboundEventPage> {
  const list = { name: 'inboundEvents', table: inboundEvents, columns: eventColumns, condition: undefined };
  return recordPage(database, identity, integrationId, list, request);
}

interface RecordList {
  readonly name: string;
  readonly table: PgTable & { readonly orgId: PgColumn; readonly id: PgColumn; readonly integrationId: PgColumn };
  readonly columns: Readonly<Record<string, PgColumn>>;
  readonly condition: SQL | undefined;
}

async function recordPage<Row extends { readonly id: string }>(
  database: Database,
  identity: Identity,
  integrationId: string,
  { name, table, columns, condition }: RecordList,
  request: PageRequest,
): Promise<Omit<Page<Row>, 'countAll'>> {
  requirePageSize(request.first);
  const scope = { key: database.cursorKey, orgId: identity.orgId, list: `${name}:${integrationId}` };
  const after = request.after ? decodeCursor(scope, request.after) : undefined;
  const rows = (await withOrg(database, identity, 'read', (tx) =>
    tx.db
      .select({ ...columns })
      .from(table as PgTable)
      .where(
        and(
          eq(table.orgId, tx.orgId),
          eq(table.integrationId, integrationId),
          condition,
          after === undefined ? undefined : lt(table.id, after),
        ),
      )
      .orderBy(desc(table.id))
      .limit(request.first + 1),
  )) as unknown as Row[];
  return {
    rows: rows.slice(0, request.first),
    cursorOf: (row) => encodeCursor(scope, row.id),
    hasNextPage: rows.length > request.first,
  };
}
