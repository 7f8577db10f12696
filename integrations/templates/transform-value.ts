import Big from 'big.js';

/** A value after its transform, or why it has none; the reason does not repeat the value. */
export type Transformed = { readonly value: unknown } | { readonly reason: string };

/** A number as text; at most three digits of an exponent keep its digits few. */
const numeral = /^[+-]?(?:[0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,3})?$/;

/**
 * A value times `scale`, plus `offset`, in decimal arithmetic, so that 0.1 × 3 is 0.3. Without either it stays as it came.
 * @returns a number; of an integer beyond ±(2^53 − 1) its decimal text, which readings of INT metrics take whole
 */
export function transformValue(
  value: unknown,
  { scale, offset }: { readonly scale?: number | undefined; readonly offset?: number | undefined },
): Transformed {
  if (scale === undefined && offset === undefined) return { value };
  const isText = typeof value === 'string' && numeral.test(value);
  if (!isText && !(typeof value === 'number' && Number.isFinite(value))) return { reason: 'is not a number' };
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return { reason: 'is beyond 2^53 as a number: send such integers as strings' };
  }
  const exact = new Big(value).times(scale ?? 1).plus(offset ?? 0);
  const number = exact.toNumber();
  if (!Number.isFinite(number)) return { reason: 'is not a finite number after scale and offset' };
  const isInteger = exact.round(0, Big.roundDown).eq(exact);
  return { value: isInteger && !Number.isSafeInteger(number) ? exact.toFixed() : number };
}
