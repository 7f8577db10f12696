import { invalidInput } from '../../errors/bulkhead-error.js';
import { jsonFault } from '../property/json-fault.js';

/** Bytes of JSON at most. */
const maxBytes = 16 * 1024;

/**
 * A free description of a model: a JSON object or list of at most 16 KiB and 64 levels.
 *
 * Bare texts and numbers describe no model, and the query builder reads a stored text that happens to be JSON as what it
 * says (drizzle-orm, `PgJsonb.mapFromDriverValue`).
 * @throws BulkheadError BAD_USER_INPUT
 */
export function requireModelMetadata(field: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) throw invalidInput(field, 'must be a JSON object or list');
  const fault = jsonFault(value, maxBytes);
  if (fault !== undefined) throw invalidInput(field, fault);
  return value;
}
