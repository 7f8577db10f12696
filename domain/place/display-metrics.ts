import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { activeMetrics } from '../metric/require-metrics.js';

/** Metrics that a place shows first, at most. */
const maxDisplayMetrics = 50;

/**
 * The ids without repetitions, each of an active metric of the organization.
 * @throws BulkheadError BAD_USER_INPUT
 */
export async function requireDisplayMetrics(tx: OrgTransaction, ids: readonly string[]): Promise<string[]> {
  const field = 'input.preferredDisplayMetricIds';
  const wanted = [...new Set(ids)];
  if (wanted.length > maxDisplayMetrics) throw invalidInput(field, `must have at most ${maxDisplayMetrics} entries`);
  const active = await activeMetrics(tx, wanted);
  const index = ids.findIndex((id) => !active.has(id));
  if (index >= 0) throw invalidInput(`${field}[${index}]`, 'is not an active metric');
  return wanted;
}
