import { invalidInput } from '../../errors/bulkhead-error.js';
import { requireText } from '../input/text.js';

/** What would break a line, or not show at all. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/**
 * A name of 1 to 100 characters on one line.
 * @throws BulkheadError BAD_USER_INPUT
 */
export function requirePrintableName(field: string, value: string | null | undefined): string {
  const name = requireText(field, value, { max: 100 });
  if (unprintable.test(name)) throw invalidInput(field, 'contains a control character or a line break');
  return name;
}
