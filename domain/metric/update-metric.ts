import { and, eq } from 'drizzle-orm';
import { type EnumValue, type MetricDefinitionRow, metricDefinitions } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { changedRow, type RowChange } from '../changed-row.js';
import { requireActive } from '../definition/soft-delete.js';
import { requireTags } from '../input/text.js';
import { changeEnumValues } from './enum-values.js';
import { getMetricForChange } from './get-metric.js';
import { type MetricDescription, requireMetricDescription } from './metric-description.js';
import { requireLegalShape } from './metric-schema.js';

/** Fields of a metric to change: absent stays, null clears. */
export interface MetricChange extends MetricDescription {
  readonly id: string;
  readonly tags?: readonly string[] | null | undefined;
  /** All codes: some may be added, none may go. */
  readonly enumValues?: readonly EnumValue[] | null | undefined;
}

/**
 * Changes what describes a metric and answers it before and after.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT; CONFLICT for a deleted metric
 */
export async function updateMetric(tx: OrgTransaction, input: MetricChange): Promise<RowChange<MetricDefinitionRow>> {
  const before = await getMetricForChange(tx, input.id);
  requireActive(before, 'metric');
  const updated = tx.db
    .update(metricDefinitions)
    .set({
      ...requireMetricDescription(input),
      ...(input.tags === undefined ? {} : { tags: requireTags('input.tags', input.tags ?? []) }),
      ...(input.enumValues === undefined ? {} : { enumValues: newEnumValues(before, input.enumValues) }),
      updatedAt: new Date(),
      updatedBy: tx.identity.actor.id,
    })
    .where(and(eq(metricDefinitions.orgId, tx.orgId), eq(metricDefinitions.id, before.id)))
    .returning();
  return { before, after: changedRow(updated, 'write', 'metric') };
}

function newEnumValues(before: MetricDefinitionRow, values: readonly EnumValue[] | null): EnumValue[] {
  if (values === null) throw invalidInput('input.enumValues', 'must not be null');
  const { dataType, defaultAggregation } = before;
  const enumValues = changeEnumValues('input.enumValues', before.enumValues, values);
  requireLegalShape({ dataType, defaultAggregation, enumValues });
  return enumValues;
}
