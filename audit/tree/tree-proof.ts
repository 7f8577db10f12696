import { nodeHash } from './tree-hash.js';

/** Leaves from `begin` up to, not including, `end`. */
export interface LeafRange {
  readonly begin: number;
  readonly end: number;
}

/** A complete subtree: 2^level leaves from leaf `position * 2^level` on. */
export interface SubtreePlace {
  readonly level: number;
  readonly position: number;
}

/** Answers the hash of a complete subtree. */
export type SubtreeHash = (place: SubtreePlace) => Buffer;

/**
 * The ranges whose hashes are the audit path of a leaf, from the leaf upwards (RFC 6962, 2.1.1).
 * @throws RangeError for a leaf that the tree does not have
 */
export function inclusionRanges(leafIndex: number, size: number): LeafRange[] {
  if (!(Number.isSafeInteger(leafIndex) && leafIndex >= 0 && leafIndex < size)) throw new RangeError('no such leaf');
  const ranges: LeafRange[] = [];
  let begin = 0;
  let end = size;
  while (end - begin > 1) {
    const middle = begin + splitOf(end - begin);
    if (leafIndex < middle) {
      ranges.unshift({ begin: middle, end });
      end = middle;
    } else {
      ranges.unshift({ begin, end: middle });
      begin = middle;
    }
  }
  return ranges;
}

/**
 * The ranges whose hashes prove that a tree is the beginning of a larger one (RFC 6962, 2.1.2).
 * @throws RangeError unless 0 < `from` ≤ `to`
 */
export function consistencyRanges(from: number, to: number): LeafRange[] {
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from > 0 && from <= to)) {
    throw new RangeError('no such trees');
  }
  const ranges: LeafRange[] = [];
  let begin = 0;
  let end = to;
  let isWhole = true;
  while (from !== end) {
    const middle = begin + splitOf(end - begin);
    if (from <= middle) {
      ranges.unshift({ begin: middle, end });
      end = middle;
    } else {
      ranges.unshift({ begin, end: middle });
      begin = middle;
      isWhole = false;
    }
  }
  if (!isWhole) ranges.unshift({ begin, end });
  return ranges;
}

/** The complete subtrees that a range is made of, from left to right: O(log n). */
export function subtreesOf({ begin, end }: LeafRange): SubtreePlace[] {
  const places: SubtreePlace[] = [];
  for (let at = begin; at < end; ) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level += 1;
    places.push({ level, position: at / 2 ** level });
    at += 2 ** level;
  }
  return places;
}

/** Hash of a range that stands in a tree as the ranges of proofs do, from those of its complete subtrees. */
export function hashOfRange(range: LeafRange, hashOf: SubtreeHash): Buffer {
  return subtreesOf(range)
    .map(hashOf)
    .reduceRight((right, left) => nodeHash(left, right));
}

/** The largest power of two that is smaller than the number of leaves. */
function splitOf(leaves: number): number {
  let split = 1;
  while (split * 2 < leaves) split *= 2;
  return split;
}
