import { invalidInput } from '../errors/bulkhead-error.js';

/** Bytes of one value at most, in UTF-8. */
export const maxSecretBytes = 8192;

/**
 * The name of a secret.
 * @throws BulkheadError BAD_USER_INPUT outside 1–100 letters, digits, `_`, `-` and `.`
 */
export function requireSecretName(field: string, name: string): string {
  if (!/^[A-Za-z0-9_.-]{1,100}$/.test(name)) {
    throw invalidInput(field, 'must have 1 to 100 letters, digits, "_", "-" and "."');
  }
  return name;
}

/**
 * The value of a secret as bytes, to be wiped after use. The message of a refusal says nothing of the value.
 * @throws BulkheadError BAD_USER_INPUT outside 1–8,192 bytes of UTF-8, or for half a surrogate pair
 */
export function requireSecretValue(field: string, value: string): Buffer {
  if (!value.isWellFormed()) throw invalidInput(field, 'is not well-formed Unicode');
  const bytes = Buffer.byteLength(value, 'utf8');
  if (bytes < 1 || bytes > maxSecretBytes) throw invalidInput(field, `must have 1 to ${maxSecretBytes} bytes of UTF-8`);
  return Buffer.from(value, 'utf8');
}
