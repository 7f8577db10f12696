import { and, eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { metricPath } from '../../auth/scopes/resource-path.js';
import { type MetricDefinitionRow, metricDefinitions } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { isDefinitionId, requireDefinitionId } from '../input/id.js';
import { lockRow } from '../lock-row.js';
import type { WritableRows } from '../writable-rows.js';

/**
 * One metric definition that the transaction may see, active or deleted.
 * @throws BulkheadError NOT_FOUND
 */
export async function getMetric(tx: OrgTransaction, id: string): Promise<MetricDefinitionRow> {
  const [metric] = isDefinitionId(id, 'mdef') ? await selectMetric(tx, id) : [];
  if (metric === undefined) throw notFound('metric');
  return metric;
}

/** Metrics to be changed. */
export const writableMetrics: WritableRows<typeof metricDefinitions> = {
  noun: 'metric',
  table: metricDefinitions,
  key: (id) => ({ id: requireDefinitionId(id, 'mdef', 'metric') }),
  read: getMetric,
  decide: (tx, metric) => requireAction(tx.identity, 'write', metricPath(metric.id), 'metric'),
};

/**
 * The same, to be changed: decided by its scope, and locked, so that what is read of it holds until the change.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export function getMetricForChange(tx: OrgTransaction, id: string): Promise<MetricDefinitionRow> {
  return lockRow(tx, writableMetrics, id);
}

function selectMetric(tx: OrgTransaction, id: string) {
  return tx.db
    .select()
    .from(metricDefinitions)
    .where(and(eq(metricDefinitions.orgId, tx.orgId), eq(metricDefinitions.id, id)));
}
