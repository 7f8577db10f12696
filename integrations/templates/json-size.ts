/** Bytes of JSON of one value at most, as of a JSON reading. */
export const maxValueBytes = 16_384;

/** Sizes of objects that were looked at: parts of a document may be mapped many times, and are counted once. */
const known = new WeakMap<object, number>();

/**
 * About the bytes of JSON of a value, exact up to escapes; for all above 16 KiB some number above that.
 * @param value nests no deeper than a caller has checked
 */
export function jsonSize(value: unknown): number {
  if (typeof value === 'string') return value.length > maxValueBytes ? value.length : Buffer.byteLength(value) + 2;
  if (typeof value !== 'object' || value === null) return String(value).length;
  const before = known.get(value);
  if (before !== undefined) return before;
  const size = Array.isArray(value) ? sum(value, () => 1) : sum(Object.values(value), nameSizes(value));
  known.set(value, size);
  return size;
}

function sum(values: readonly unknown[], extra: (index: number) => number): number {
  let size = 2;
  for (let index = 0; index < values.length && size <= maxValueBytes; index++) {
    size += jsonSize(values[index]) + extra(index);
  }
  return size;
}

function nameSizes(object: object): (index: number) => number {
  const names = Object.keys(object);
  return (index) => (names[index]?.length ?? 0) + 4;
}
