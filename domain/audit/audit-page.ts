import { and, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm';
import type { Identity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { type AuditEntryRow, auditEntries } from '../../db/tables/audit-entries.js';
import { withOrg } from '../../db/with-org.js';
import { decodeCursor, encodeCursor } from '../cursor.js';
import { optionalText } from '../input/text.js';
import type { Page, PageRequest } from '../page.js';
import { requirePageSize } from '../read-page.js';
import { sealedIndexes } from './audit-proof.js';

/** Restricts the audit log; conditions add up. */
export interface AuditFilter {
  readonly action?: string | null | undefined;
  readonly actorId?: string | null | undefined;
  readonly resourcePrefix?: string | null | undefined;
  readonly outcome?: AuditEntryRow['outcome'] | null | undefined;
  readonly from?: Date | null | undefined;
  readonly to?: Date | null | undefined;
}

/** An entry with its place in the sealed log; null until it is sealed. */
export type AuditEventRow = AuditEntryRow & { readonly index: number | null };

/**
 * Reads one page of the audit log, newest first.
 * @throws BulkheadError BAD_USER_INPUT
 */
export async function auditPage(
  database: Database,
  identity: Identity,
  filter: AuditFilter,
  request: PageRequest,
): Promise<Omit<Page<AuditEventRow>, 'countAll'>> {
  requirePageSize(request.first);
  const scope = { key: database.cursorKey, orgId: identity.orgId, list: `audit:${JSON.stringify(filter)}` };
  const after = request.after ? decodeCursor(scope, request.after) : undefined;
  const rows = await withOrg(database, identity, 'read', async (tx) => {
    const entries = await tx.db
      .select()
      .from(auditEntries)
      .where(
        and(
          eq(auditEntries.orgId, tx.orgId),
          ...conditionsOf(filter),
          after === undefined ? undefined : olderThan(after),
        ),
      )
      .orderBy(desc(auditEntries.at), desc(auditEntries.id))
      .limit(request.first + 1);
    const indexes = await sealedIndexes(
      tx,
      entries.map(({ id }) => id),
    );
    return entries.map((entry) => ({ ...entry, index: indexes.get(entry.id) ?? null }));
  });
  return {
    rows: rows.slice(0, request.first),
    cursorOf: (row) => encodeCursor(scope, row.id),
    hasNextPage: rows.length > request.first,
  };
}

function conditionsOf(filter: AuditFilter): (SQL | undefined)[] {
  const equal = <T>(value: T | null | undefined, condition: (value: T) => SQL) =>
    value === null || value === undefined ? undefined : condition(value);
  const text = (name: 'action' | 'actorId' | 'resourcePrefix', max: number) =>
    optionalText(`filter.${name}`, filter[name], { max });
  return [
    equal(text('action', 100), (action) => eq(auditEntries.action, action)),
    equal(text('actorId', 200), (actorId) => eq(auditEntries.actorId, actorId)),
    equal(text('resourcePrefix', 400), (prefix) => sql`starts_with(${auditEntries.resource}, ${prefix})`),
    equal(filter.outcome, (outcome) => eq(auditEntries.outcome, outcome)),
    equal(filter.from, (from) => gte(auditEntries.at, from)),
    equal(filter.to, (to) => lt(auditEntries.at, to)),
  ];
}

/** Entries before one, by its row: its moment is kept to the microsecond there, which a Date cannot hold. */
function olderThan(id: string): SQL {
  return sql`(${auditEntries.at}, ${auditEntries.id}) < (
    select e.at, e.id from audit.entries e where e.org_id = ${auditEntries.orgId} and e.id = ${id})`;
}
