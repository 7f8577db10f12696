import { createHash } from 'node:crypto';

/** Root of a tree without leaves: the hash of nothing (RFC 6962, 2.1). */
export const emptyRoot: Buffer = createHash('sha256').digest();

/** Hash of a leaf: SHA-256(0x00 ‖ leaf), so that no leaf can pass for a node (RFC 6962, 2.1). */
export function leafHash(leaf: string | Uint8Array): Buffer {
  return createHash('sha256').update(leafPrefix).update(leaf).digest();
}

/** Hash of a node above two others: SHA-256(0x01 ‖ left ‖ right) (RFC 6962, 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(nodePrefix).update(left).update(right).digest();
}

const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);
