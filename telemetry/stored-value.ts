import type { MetricDataType, MetricValue } from './metric.js';

/** The value columns of `telemetry.readings` and `telemetry.latest` as the driver gives them; one is not null. */
export interface StoredValue {
  /** int8 arrives as text, so that 64 bits stay exact. */
  readonly int_value: string | null;
  readonly double_value: number | null;
  readonly bool_value: boolean | null;
  readonly text_value: string | null;
  readonly json_value: string | null;
}

/** The column in which values of each data type are kept. */
export const valueColumns = {
  INT: 'int_value',
  DOUBLE: 'double_value',
  BOOL: 'bool_value',
  STRING: 'text_value',
  JSON: 'json_value',
} as const satisfies Record<MetricDataType, keyof StoredValue>;

/** The value of one stored reading as it is answered: see `MetricValue`. */
export function decodeStoredValue(dataType: MetricDataType, stored: StoredValue): MetricValue {
  const value = stored[valueColumns[dataType]];
  return dataType === 'JSON' && typeof value === 'string' ? JSON.parse(value) : value;
}
