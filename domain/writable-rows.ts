import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { RowOf, SomeOf } from '../db/row-statements.js';
import type { OrgTransaction } from '../db/with-org.js';

/** A table of an organization's rows that have an id and know when and by whom they were changed. */
export type HistoryTable = PgTable & Readonly<Record<'orgId' | 'id' | 'updatedAt' | 'updatedBy', PgColumn>>;

/** How rows of a noun are found in order to be changed, and who may change them. */
export interface WritableRows<Table extends HistoryTable> {
  readonly noun: string;
  readonly table: Table;
  /**
   * What singles out the row with an id among those of its organization.
   * @throws BulkheadError NOT_FOUND for a text that can be no id of the noun
   */
  readonly key: (id: string) => SomeOf<Table>;
  /** Reads a row without a lock; throws NOT_FOUND for one that is not visible. */
  readonly read: (tx: OrgTransaction, id: string) => Promise<RowOf<Table>>;
  /** The application's own decision; throws FORBIDDEN. */
  readonly decide: (tx: OrgTransaction, row: RowOf<Table>) => void;
}

/** Values by which the rows of an organization are found. */
export function inOrganization<Table extends HistoryTable>(tx: OrgTransaction, key: SomeOf<Table>): SomeOf<Table> {
  return { orgId: tx.orgId, ...key } as SomeOf<Table>;
}
