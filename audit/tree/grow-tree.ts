import { emptyRoot, nodeHash } from './tree-hash.js';

/**
 * A Merkle tree as far as it is needed to append to it: its size, and the hashes of its largest complete subtrees from
 * left to right, one for every bit of the size.
 */
export interface Tree {
  readonly size: number;
  readonly frontier: readonly Buffer[];
}

/** The hash of a complete subtree of 2^level leaves that begins at leaf `position * 2^level`. */
export interface Subtree {
  readonly level: number;
  readonly position: number;
  readonly hash: Buffer;
}

/** A tree without leaves. */
export const emptyTree: Tree = { size: 0, frontier: [] };

/**
 * Appends leaves; each takes O(1) hashes on average.
 * @param hashes hashes of the leaves
 * @returns the larger tree, and the subtrees that became complete, from level 1 on
 */
export function growTree(tree: Tree, hashes: readonly Buffer[]): { tree: Tree; completed: Subtree[] } {
  const frontier = [...tree.frontier];
  const completed: Subtree[] = [];
  let { size } = tree;
  for (const leaf of hashes) {
    let hash = leaf;
    // Every bit that is set from the right on is a complete subtree of the same height as the one that has just grown.
    for (let level = 1, rest = size; rest % 2 === 1; level += 1, rest = Math.floor(rest / 2)) {
      hash = nodeHash(frontier.pop() ?? emptyRoot, hash);
      completed.push({ level, position: Math.floor(rest / 2), hash });
    }
    frontier.push(hash);
    size += 1;
  }
  return { tree: { size, frontier }, completed };
}

/** Root of a tree (RFC 6962, 2.1). */
export function rootOf({ frontier }: Tree): Buffer {
  return frontier.length === 0 ? emptyRoot : frontier.reduceRight((right, left) => nodeHash(left, right));
}

const hashBytes = 32;

/** The frontier as it is stored: 32 bytes a hash. */
export function frontierBytes({ frontier }: Tree): Buffer {
  return Buffer.concat(frontier);
}

/** A tree from its size and stored frontier. */
export function readTree(size: number, frontier: Buffer): Tree {
  const count = frontier.length / hashBytes;
  return {
    size,
    frontier: Array.from({ length: count }, (_, index) =>
      frontier.subarray(index * hashBytes, (index + 1) * hashBytes),
    ),
  };
}
