/** Digits at most before an integer is even looked at: 64 bits need 19, the rest is room for leading zeros. */
const form = /^[+-]?[0-9]{1,40}$/;

/** The 64-bit integer that a decimal text stands for; undefined for any other text. */
export function readInt64(text: string): bigint | undefined {
  if (!form.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
