import { eq } from 'drizzle-orm';
import { type IntegrationRow, integrations } from '../../db/tables/things.js';
import type { ListQuery } from '../read-page.js';
import { searchCondition } from '../search.js';

/** Restricts a list of integrations; conditions add up, null and absent restrict nothing. */
export interface IntegrationListFilter {
  readonly direction?: IntegrationRow['direction'] | null | undefined;
  /** Only integrations whose name holds this text or whose id it is; 1–200 characters. */
  readonly search?: string | null | undefined;
}

/**
 * Integrations that the reader may see.
 * @throws BulkheadError BAD_USER_INPUT for a search text outside 1–200 characters
 */
export function integrationList(filter: IntegrationListFilter): ListQuery {
  const { direction, search } = filter;
  return {
    name: `integrations:${JSON.stringify([direction ?? null, search ?? null])}`,
    table: integrations,
    conditions: [
      direction === null || direction === undefined ? undefined : eq(integrations.direction, direction),
      searchCondition(search, [integrations.name], integrations.id),
    ],
  };
}
