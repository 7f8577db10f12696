import { invalidInput } from '../../errors/bulkhead-error.js';

/** ASCII only, so that upper and lower case are matched alike by PostgreSQL and by the ingest. */
const form = /^[A-Za-z][A-Za-z0-9_.-]{0,99}$/;

/** Name of the column of moments in a columnar ingest. */
const reserved = 'timestamp';

/**
 * A machine name of a metric: a letter, then up to 99 letters, digits, `_`, `-` and `.`; not `timestamp` in any case.
 * @throws BulkheadError BAD_USER_INPUT
 */
export function requireMetricName(field: string, name: string): string {
  if (!form.test(name)) {
    throw invalidInput(field, 'must be 1 to 100 letters, digits, "_", "-" and ".", starting with a letter');
  }
  if (name.toLowerCase() === reserved) throw invalidInput(field, `must not be "${reserved}": the name is reserved`);
  return name;
}
