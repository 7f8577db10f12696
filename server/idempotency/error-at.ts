import type { FormattedExecutionResult } from 'graphql';
import type { BulkheadError } from '../../errors/bulkhead-error.js';
import { extensionsOf } from '../format-error.js';

/** An answer whose one root field is null because of an error at a place below it, or at itself. */
export function errorAt(
  path: readonly (string | number)[],
  { code, message, details }: BulkheadError,
): FormattedExecutionResult {
  return {
    errors: [{ message, path, extensions: extensionsOf(code, message, details) }],
    data: { [String(path[0])]: null },
  };
}
