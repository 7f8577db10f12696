import { nodeHash } from './tree-hash.js';

/**
 * The root that an audit path leads to (RFC 9162, 2.1.3.2); undefined for a path that does not fit.
 * A leaf is in a tree if this is its root.
 */
export function rootByInclusion(
  leaf: { readonly index: number; readonly hash: Buffer },
  size: number,
  path: readonly Buffer[],
): Buffer | undefined {
  if (leaf.index >= size) return undefined;
  let node = leaf.index;
  let last = size - 1;
  let hash = leaf.hash;
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 ? hash : undefined;
}

/** A tree as a checkpoint states it. */
export interface StatedTree {
  readonly size: number;
  readonly root: Buffer;
}

/** Whether a proof shows that a tree is the beginning of a larger one (RFC 9162, 2.1.4.2). */
export function isConsistent(from: StatedTree, to: StatedTree, proof: readonly Buffer[]): boolean {
  if (from.size === to.size) return proof.length === 0 && from.root.equals(to.root);
  if (from.size === 0 || from.size > to.size) return false;
  const path = isPowerOfTwo(from.size) ? [from.root, ...proof] : [...proof];
  const [first, ...siblings] = path;
  if (first === undefined) return false;
  let node = from.size - 1;
  let last = to.size - 1;
  while (node % 2 === 1) {
    node = half(node);
    last = half(last);
  }
  let before = first;
  let after = first;
  for (const sibling of siblings) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      before = nodeHash(sibling, before);
      after = nodeHash(sibling, after);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      after = nodeHash(after, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && before.equals(from.root) && after.equals(to.root);
}

/** Bit operators of JavaScript end at 32 bits. */
function half(value: number): number {
  return Math.floor(value / 2);
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(Math.log2(size));
}
