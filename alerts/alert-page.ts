import type { OrgTransaction } from '../db/with-org.js';
import type { PageRequest } from '../domain/page.js';
import { requirePageSize } from '../domain/read-page.js';
import { invalidInput } from '../errors/bulkhead-error.js';
import { rememberedMs } from './alert.js';
import { alertRules } from './alert-rules.js';
import { type AlertRow, listAlerts } from './list-alerts.js';

/** An alert as operators are shown it. */
export interface ShownAlert extends AlertRow {
  /** What to do; null where who set it has not said. */
  readonly remedy: string | null;
}

/** Which alerts are asked for. */
export interface AlertRequest extends PageRequest {
  /** Only those that fire, or only those that are over. */
  readonly isFiring?: boolean | null | undefined;
}

/**
 * Alerts that fire, and those that were over in the last 30 days, by when they began to fire last, newest first; the
 * transaction must be an operator's or the system's.
 * @param request `after` is the name of an alert after which the page starts
 * @throws BulkheadError BAD_USER_INPUT for `first` outside 1–100 or an `after` that names no alert, FORBIDDEN for other actors
 */
export async function alertPage(tx: OrgTransaction, { first, after, isFiring }: AlertRequest): Promise<ShownAlert[]> {
  requirePageSize(first);
  const since = Date.now() - rememberedMs;
  const alerts = (await listAlerts(tx))
    .filter(({ resolvedAt }) => resolvedAt === null || resolvedAt.getTime() >= since)
    .sort((one, other) => other.since.getTime() - one.since.getTime() || (one.name < other.name ? -1 : 1));
  // Looked for before the filter: what was firing at the first page may be over at the second.
  const at = after === null || after === undefined ? -1 : alerts.findIndex(({ name }) => name === after);
  if (at === -1 && typeof after === 'string') throw invalidInput('after', 'must be the name of an alert');
  return alerts
    .slice(at + 1)
    .filter((alert) => (isFiring ?? alert.isFiring) === alert.isFiring)
    .slice(0, first)
    .map((alert) => ({ ...alert, remedy: alertRules.find(({ name }) => name === alert.name)?.remedy ?? null }));
}
