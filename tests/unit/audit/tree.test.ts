import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emptyTree, frontierBytes, growTree, readTree, rootOf } from '../../../audit/tree/grow-tree.js';
import { leafHash, nodeHash } from '../../../audit/tree/tree-hash.js';
import {
  consistencyRanges,
  hashOfRange,
  inclusionRanges,
  type LeafRange,
  type SubtreePlace,
} from '../../../audit/tree/tree-proof.js';
import { isConsistent, rootByInclusion } from '../../../audit/tree/verify-proof.js';

/** Leaves and roots of the reference tests of RFC 6962 (github.com/google/certificate-transparency, merkle_tree_test). */
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => Buffer.from(hex, 'hex'),
);
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** The definition of RFC 6962, 2.1, word by word. */
function definedRoot(hashes: readonly Buffer[]): Buffer {
  const [only] = hashes;
  if (only === undefined) return Buffer.from(roots[0]!, 'hex');
  if (hashes.length === 1) return only;
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return nodeHash(definedRoot(hashes.slice(0, split)), definedRoot(hashes.slice(split)));
}

/** A tree of some leaves with all that is stored of it. */
function stored(count: number, step = count) {
  const hashes = Array.from({ length: count }, (_, index) => leafHash(`leaf ${index}`));
  const nodes = new Map<string, Buffer>(hashes.map((hash, index) => [`0/${index}`, hash]));
  let tree = emptyTree;
  for (let at = 0; at < count; at += step) {
    const grown = growTree(readTree(tree.size, frontierBytes(tree)), hashes.slice(at, at + step));
    for (const { level, position, hash } of grown.completed) nodes.set(`${level}/${position}`, hash);
    tree = grown.tree;
  }
  const hashOf = ({ level, position }: SubtreePlace) => nodes.get(`${level}/${position}`)!;
  return { hashes, tree, nodes, path: (ranges: LeafRange[]) => ranges.map((range) => hashOfRange(range, hashOf)) };
}

describe('the tree', () => {
  it('has the roots of RFC 6962', () => {
    expect(leafHash('').toString('hex')).toBe(roots[1]);
    for (const [size, root] of roots.entries()) {
      const { tree } = growTree(emptyTree, leaves.slice(0, size).map(leafHash));
      expect(rootOf(tree).toString('hex')).toBe(root);
    }
  });

  it('has the audit paths and consistency proofs of RFC 6962 for seven leaves', () => {
    // Section 2.1.3: d0 is proved by [b, h, l], d3 by [c, g, l], d4 by [f, j, k], d6 by [i, k].
    const named = (ranges: LeafRange[]) => ranges.map(({ begin, end }) => `${begin}-${end}`);
    expect(named(inclusionRanges(0, 7))).toEqual(['1-2', '2-4', '4-7']);
    expect(named(inclusionRanges(3, 7))).toEqual(['2-3', '0-2', '4-7']);
    expect(named(inclusionRanges(4, 7))).toEqual(['5-6', '6-7', '0-4']);
    expect(named(inclusionRanges(6, 7))).toEqual(['4-6', '0-4']);
    // PROOF(3, D[7]) = [c, d, g, l], PROOF(4, D[7]) = [l], PROOF(6, D[7]) = [i, j, k].
    expect(named(consistencyRanges(3, 7))).toEqual(['2-3', '3-4', '0-2', '4-7']);
    expect(named(consistencyRanges(4, 7))).toEqual(['4-7']);
    expect(named(consistencyRanges(6, 7))).toEqual(['4-6', '6-7', '0-4']);
  });

  it('is the same however it is grown, and as it is defined', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 50 }), (count, step) => {
        const { hashes, tree, nodes } = stored(count, step);
        expect(rootOf(tree)).toEqual(definedRoot(hashes));
        // What is stored beside the leaves is less than one hash a leaf.
        expect(nodes.size).toBeLessThanOrEqual(2 * count);
      }),
      { numRuns: 60 },
    );
  });
});

const sizes = fc.integer({ min: 1, max: 300 });

describe('an inclusion proof', () => {
  it('leads from every leaf to the root, is short, and to no other root once anything is changed', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (size, some, other) => {
        const { hashes, tree, path } = stored(size);
        const index = some % size;
        const proof = path(inclusionRanges(index, size));
        expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
        const leaf = { index, hash: hashes[index]! };
        expect(rootByInclusion(leaf, size, proof)).toEqual(rootOf(tree));
        const wrong = [
          rootByInclusion({ ...leaf, hash: leafHash('forged') }, size, proof),
          rootByInclusion(leaf, size, [...proof, leafHash('more')]),
          proof.length === 0 ? undefined : rootByInclusion(leaf, size, proof.slice(1)),
          proof.length === 0
            ? undefined
            : rootByInclusion(leaf, size, proof.with(other % proof.length, leafHash('forged'))),
          other % size === index ? undefined : rootByInclusion({ ...leaf, index: other % size }, size, proof),
        ];
        for (const root of wrong) expect(root).not.toEqual(rootOf(tree));
        expect(rootByInclusion({ ...leaf, index: size }, size, proof)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('is refused for a leaf that is not there', () => {
    for (const index of [-1, 3, 0.5]) expect(() => inclusionRanges(index, 3)).toThrow(RangeError);
  });
});

describe('a consistency proof', () => {
  it('holds for every beginning of a tree, and for no other tree', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (size, some, other) => {
        const { hashes, tree, path } = stored(size);
        const before = (some % size) + 1;
        const from = { size: before, root: rootOf(growTree(emptyTree, hashes.slice(0, before)).tree) };
        const to = { size, root: rootOf(tree) };
        const proof = path(consistencyRanges(before, size));
        expect(isConsistent(from, to, proof)).toBe(true);
        expect(isConsistent({ ...from, root: leafHash('x') }, to, proof)).toBe(false);
        expect(isConsistent(from, { ...to, root: leafHash('x') }, proof)).toBe(false);
        expect(isConsistent(from, to, [...proof, leafHash('x')])).toBe(false);
        if (proof.length > 0) {
          expect(isConsistent(from, to, proof.slice(1))).toBe(false);
          expect(isConsistent(from, to, proof.with(other % proof.length, leafHash('x')))).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is refused for trees that are not there', () => {
    for (const [from, to] of [
      [0, 3],
      [4, 3],
    ] as const) {
      expect(() => consistencyRanges(from, to)).toThrow(RangeError);
    }
  });
});
