/** What the values of a metric are. */
export type MetricDataType = 'INT' | 'DOUBLE' | 'STRING' | 'BOOL' | 'JSON';

/** How the readings of one bin become one value. */
export type Aggregation = 'FIRST' | 'LAST' | 'AVG' | 'SUM' | 'COUNT';

/** What telemetry has to know of a metric definition. */
export interface TelemetryMetric {
  /** `mdef_…`: readings are stored under it, so a display name may change. At most 64 characters. */
  readonly id: string;
  /** Machine name, unique in the organization, matched case-insensitively. */
  readonly name: string;
  readonly dataType: MetricDataType;
  /** Used by every binned query of this metric. AVG and SUM exist for INT and DOUBLE only. */
  readonly defaultAggregation: Aggregation;
}

/**
 * A value as it is answered.
 * INT: decimal string, exact in 64 bits (a SUM may be longer). DOUBLE: finite number. STRING: string. BOOL: boolean.
 * JSON: the parsed value. COUNT of any type and AVG: number. Null: a sum of doubles beyond the range of a double.
 */
export type MetricValue = unknown;
