import { isNotNull, isNull, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

/** Which definitions a list holds: those in use, those that were soft-deleted, or both. */
export type Lifecycle = 'ACTIVE' | 'DELETED' | 'ALL';

/**
 * The condition that selects them; undefined for both.
 * @param deletedAt column that holds the moment of the soft delete
 */
export function lifecycleCondition(lifecycle: Lifecycle, deletedAt: PgColumn): SQL | undefined {
  if (lifecycle === 'ALL') return undefined;
  return lifecycle === 'ACTIVE' ? isNull(deletedAt) : isNotNull(deletedAt);
}
