import { appendAudit } from '../../audit/append-audit.js';
import type { StoredEntry } from '../../audit/log/leaf.js';
import { mayAct } from '../../auth/authorize.js';
import type { Identity } from '../../auth/identity.js';
import { auditPath } from '../../auth/scopes/resource-path.js';
import type { Database } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import { forbidden } from '../../errors/bulkhead-error.js';

/** Days that an export goes back. */
const exportDays = 90;
/** Entries that are read at a time: each may have 32 KiB. */
const pageSize = 200;
/** Name of the export in the audit log. */
const action = 'exportAuditLog';

/** From when, included, to when an export goes; ISO 8601 in UTC, by the clock of the database. */
export interface ExportWindow {
  readonly from: string;
  readonly to: string;
}

/** An entry of an export. */
export type ExportedEntry = Omit<StoredEntry, 'salt'> & { readonly index: string | null };

/**
 * Announces an export of the last 90 days in the audit log itself.
 * @throws BulkheadError FORBIDDEN without `read AUDIT`, after that was recorded
 */
export async function beginExport(database: Database, identity: Identity): Promise<ExportWindow> {
  if (!mayAct(identity, 'read', auditPath())) {
    await note(database, identity, 'REFUSED', {});
    throw forbidden('read', 'audit log');
  }
  return withOrg(database, identity, 'write', async (tx) => {
    const [window] = await tx.sql<ExportWindow[]>`
      select to_char(now() at time zone 'UTC' - make_interval(days => ${exportDays}), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as from,
             to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as to`;
    if (window === undefined) throw new Error('the database has no clock');
    await appendAudit(tx, { action, resource: auditPath(), outcome: 'INTENDED', change: { input: window } });
    return window;
  });
}

/**
 * The entries of a window, oldest first, read page by page: never more than one page is in memory. What came of it is
 * recorded at the end.
 */
export async function* exportEntries(
  database: Database,
  identity: Identity,
  { from, to }: ExportWindow,
): AsyncGenerator<ExportedEntry, void> {
  let entries = 0;
  let isWhole = false;
  try {
    let after: ExportedEntry | undefined;
    do {
      const page = await readPage(database, identity, { from: after?.at ?? from, to }, after?.id ?? null);
      yield* page;
      entries += page.length;
      after = page.length < pageSize ? undefined : page.at(-1);
    } while (after !== undefined);
    isWhole = true;
  } finally {
    await note(database, identity, isWhole ? 'SUCCEEDED' : 'FAILED', { entries });
  }
}

function readPage(
  database: Database,
  identity: Identity,
  { from, to }: ExportWindow,
  afterId: string | null,
): Promise<ExportedEntry[]> {
  return withOrg(
    database,
    identity,
    'read',
    (tx) => tx.sql<ExportedEntry[]>`
      with page as (
        select * from audit.entries e
        where e.org_id = ${tx.orgId} and e.at >= ${from}::timestamptz and e.at < ${to}::timestamptz
          and (${afterId}::uuid is null or (e.at, e.id) > (${from}::timestamptz, ${afterId}::uuid))
        order by e.at, e.id limit ${pageSize})
      select p.id, i.leaf_index as index, to_char(p.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
             p.actor_type as "actorType", p.actor_id as "actorId", p.action, p.resource, p.outcome, p.code,
             p.client_address as "clientAddress", p.request_id as "requestId", p.change
      from page p left join audit.indexes_of(array(select id from page)) i on i.entry_id = p.id
      order by p.at, p.id`,
  );
}

async function note(
  database: Database,
  identity: Identity,
  outcome: 'SUCCEEDED' | 'FAILED' | 'REFUSED',
  change: unknown,
): Promise<void> {
  const code = outcome === 'REFUSED' ? ({ code: 'FORBIDDEN' } as const) : {};
  await withOrg(database, identity, 'write', (tx) =>
    appendAudit(tx, { action, resource: auditPath(), outcome, ...code, change }),
  );
}
