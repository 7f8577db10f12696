import type { EnumValue, MetricDefinitionRow } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { changeRow, type RowChange } from '../change-row.js';
import { requireActive } from '../definition/soft-delete.js';
import { requireTags } from '../input/text.js';
import { changeEnumValues } from './enum-values.js';
import { getMetricForChange, writableMetrics } from './get-metric.js';
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
  const described = {
    ...requireMetricDescription(input),
    ...(input.tags === undefined ? {} : { tags: requireTags('input.tags', input.tags ?? []) }),
  };
  // Codes are checked against those before.
  const before = input.enumValues === undefined ? undefined : await getMetricForChange(tx, input.id);
  const codes = before === undefined ? {} : { enumValues: newEnumValues(before, input.enumValues) };
  const change = await changeRow(tx, writableMetrics, before ?? input.id, { ...described, ...codes });
  requireActive(change.before, 'metric');
  return change;
}

function newEnumValues(before: MetricDefinitionRow, values: MetricChange['enumValues']): EnumValue[] {
  if (values === null || values === undefined) throw invalidInput('input.enumValues', 'must not be null');
  const { dataType, defaultAggregation } = before;
  const enumValues = changeEnumValues('input.enumValues', before.enumValues, values);
  requireLegalShape({ dataType, defaultAggregation, enumValues });
  return enumValues;
}
