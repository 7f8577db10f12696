import { requireAction } from '../../auth/authorize.js';
import { metricPath } from '../../auth/scopes/resource-path.js';
import { type EnumValue, metricDefinitions } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { newDefinitionId } from '../input/id.js';
import { requireTags } from '../input/text.js';
import { requireEnumValues } from './enum-values.js';
import { type MetricDescription, requireMetricDescription } from './metric-description.js';
import { requireMetricName } from './metric-name.js';
import { type Aggregation, type MetricDataType, requireLegalShape } from './metric-schema.js';

/** A new metric definition. */
export interface NewMetric extends MetricDescription {
  readonly name: string;
  readonly dataType: MetricDataType;
  readonly defaultAggregation: Aggregation;
  readonly tags?: readonly string[] | null | undefined;
  readonly enumValues?: readonly EnumValue[] | null | undefined;
}

/**
 * Creates a metric definition and answers its id.
 * @throws BulkheadError FORBIDDEN without `write` on all metrics, BAD_USER_INPUT; CONFLICT if an active one has the name
 */
export async function createMetric(tx: OrgTransaction, input: NewMetric): Promise<string> {
  requireAction(tx.identity, 'write', metricPath('#'), 'metric');
  const { dataType, defaultAggregation } = input;
  const name = requireMetricName('input.name', input.name);
  const enumValues = input.enumValues ? requireEnumValues('input.enumValues', input.enumValues) : null;
  requireLegalShape({ dataType, defaultAggregation, enumValues });
  const id = newDefinitionId('mdef');
  await tx.db.insert(metricDefinitions).values({
    orgId: tx.orgId,
    id,
    name,
    dataType,
    defaultAggregation,
    ...requireMetricDescription(input),
    tags: requireTags('input.tags', input.tags ?? []),
    enumValues,
    createdBy: tx.identity.actor.id,
  });
  return id;
}
