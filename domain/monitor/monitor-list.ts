import { eq } from 'drizzle-orm';
import { type MonitorRow, monitors } from '../../db/tables/monitors.js';
import type { ListQuery } from '../read-page.js';
import { searchCondition } from '../search.js';

/** Restricts a list of monitors; conditions add up, null and absent restrict nothing. */
export interface MonitorListFilter {
  readonly isEnabled?: boolean | null | undefined;
  readonly health?: MonitorRow['health'] | null | undefined;
  /** Only monitors whose name holds this text or whose id it is; 1–200 characters. */
  readonly search?: string | null | undefined;
}

/**
 * Monitors that the reader may see.
 * @throws BulkheadError BAD_USER_INPUT for a search text outside 1–200 characters
 */
export function monitorList({ isEnabled, health, search }: MonitorListFilter): ListQuery {
  return {
    name: `monitors:${JSON.stringify([isEnabled ?? null, health ?? null, search ?? null])}`,
    table: monitors,
    conditions: [
      isEnabled == null ? undefined : eq(monitors.isEnabled, isEnabled),
      health == null ? undefined : eq(monitors.health, health),
      searchCondition(search, [monitors.name], monitors.id),
    ],
  };
}
