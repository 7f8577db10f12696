/** Why a JSON value with such a number is refused, in words that do not repeat it. */
export const inexactNumberReason = 'holds a number that cannot be kept exactly: write it as text';

/**
 * Whether a JSON value is or contains a number that would not be answered as it was sent: one that is not finite (read
 * from `1e999`; JSON writes it as null), or an integer beyond ±(2^53 − 1), where a double stands for several integers
 * (ECMA-262, Number.MAX_SAFE_INTEGER).
 * @param value nests no deeper than a caller has checked
 */
export function holdsInexactNumber(value: unknown): boolean {
  if (typeof value === 'number') {
    return !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value));
  }
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsInexactNumber);
}
