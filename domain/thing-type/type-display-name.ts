import { invalidInput } from '../../errors/bulkhead-error.js';
import { requirePrintableName } from '../definition/printable-name.js';

/**
 * A display name of a thing type, fit to stand in a resource filter until its id replaces it there: 1 to 100 characters
 * on one line without `/` and `#`, not `*`, and not the start of an id.
 * @throws BulkheadError BAD_USER_INPUT
 */
export function requireTypeDisplayName(field: string, value: string | null | undefined): string {
  const name = requirePrintableName(field, value);
  if (/[/#]/.test(name)) throw invalidInput(field, 'must not contain "/" or "#"');
  if (name === '*') throw invalidInput(field, 'must not be "*"');
  if (name.startsWith('tdefi_')) throw invalidInput(field, 'must not start with "tdefi_", as ids do');
  return name;
}
