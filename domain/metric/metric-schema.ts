import type { EnumValue, MetricDefinitionRow } from '../../db/tables/definitions.js';
import { invalidInput } from '../../errors/bulkhead-error.js';

/** Type of the values of a metric. */
export type MetricDataType = MetricDefinitionRow['dataType'];

/** How a bucket of readings becomes one value. */
export type Aggregation = MetricDefinitionRow['defaultAggregation'];

/** A data type and the aggregations that it allows. */
export interface MetricSchemaEntry {
  readonly dataType: MetricDataType;
  readonly aggregations: readonly Aggregation[];
  /** Those that remain where codes have meanings; null for types that cannot have them. */
  readonly aggregationsWithEnumValues: readonly Aggregation[] | null;
}

/** Of numbers. */
const arithmetic: readonly Aggregation[] = ['FIRST', 'LAST', 'AVG', 'SUM', 'COUNT'];
/** Of values that cannot be added up; codes with meanings are such values too. */
const picking: readonly Aggregation[] = ['FIRST', 'LAST', 'COUNT'];

/** What is legal for each data type; the table's checks in `0002_definitions.sql` say the same. */
export const metricSchema: readonly MetricSchemaEntry[] = [
  { dataType: 'INT', aggregations: arithmetic, aggregationsWithEnumValues: picking },
  { dataType: 'DOUBLE', aggregations: arithmetic, aggregationsWithEnumValues: null },
  { dataType: 'STRING', aggregations: picking, aggregationsWithEnumValues: null },
  { dataType: 'BOOL', aggregations: picking, aggregationsWithEnumValues: null },
  { dataType: 'JSON', aggregations: picking, aggregationsWithEnumValues: null },
];

/** The parts of a metric that have to fit each other. */
export interface MetricShape {
  readonly dataType: MetricDataType;
  readonly defaultAggregation: Aggregation;
  readonly enumValues: readonly EnumValue[] | null;
}

/**
 * Refuses an aggregation, or meanings of codes, that the data type does not allow.
 * @throws BulkheadError BAD_USER_INPUT
 */
export function requireLegalShape(shape: MetricShape): void {
  const entry = metricSchema.find(({ dataType }) => dataType === shape.dataType);
  const allowed = shape.enumValues === null ? entry?.aggregations : entry?.aggregationsWithEnumValues;
  if (allowed === null || allowed === undefined) throw invalidInput('input.enumValues', 'is for INT metrics only');
  if (allowed.includes(shape.defaultAggregation)) return;
  if (shape.enumValues === null) {
    const reason = `must be ${allowed.join(', ')} for ${shape.dataType}`;
    throw invalidInput('input.defaultAggregation', reason);
  }
  throw invalidInput('input.enumValues', `needs a metric whose defaultAggregation is ${allowed.join(', ')}`);
}
