import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readLatestNote } from '../../../audit/archive/archive-directory.js';
import { ArchiveFault } from '../../../audit/archive/archive-fault.js';
import { verifyArchive } from '../../../audit/archive/verify-archive.js';
import { auditSigner, formatVerifierKey, parseVerifierKey, signStatement } from '../../../audit/audit-key.js';
import { originOf, signCheckpoint } from '../../../audit/log/checkpoint-note.js';
import { type Leaf, logLeaf, readLeaf } from '../../../audit/log/leaf.js';
import {
  bodyHash,
  readSegment,
  type SegmentPlace,
  type SignedLeaf,
  segmentBody,
  segmentFile,
  segmentPath,
} from '../../../audit/log/segment.js';
import { emptyTree, growTree, rootOf } from '../../../audit/tree/grow-tree.js';
import { leafHash } from '../../../audit/tree/tree-hash.js';
import { ArchiveWriter } from '../../support/audit-archive.js';

const signer = auditSigner(randomBytes(32), 'test');
const foreign = auditSigner(randomBytes(32), 'test');
const [a, b] = ['0000000a-0000-4000-8000-000000000000', '0000000b-0000-4000-8000-000000000000'] as const;
let directory: string;

/** Three segments: entries 0–3 of A and 0–1 of B, then 4–8 of A and 2 of B, then nothing but the checkpoint. */
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bulkhead-archive-'));
  const writer = new ArchiveWriter(directory, signer);
  writer.write({ [a]: 4, [b]: 2 });
  writer.write({ [a]: 5, [b]: 1 });
  writer.write({});
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const verify = (notes: readonly string[] = []) => verifyArchive(directory, { key: signer, notes, keepsHashes: false });

/** The fault that is found: its place and reason. */
function fault(notes: readonly string[] = []) {
  try {
    verify(notes);
  } catch (error) {
    if (error instanceof ArchiveFault) return { reason: error.message, ...error.place };
    throw error;
  }
  return undefined;
}

const fileOf = (place: SegmentPlace) => join(directory, segmentPath(place));
const second: SegmentPlace = { generation: 1, number: 2 };

/** Rewrites a segment as somebody with the file, and all hashes, would. */
function tamper(place: SegmentPlace, change: (leaves: SignedLeaf[]) => SignedLeaf[], renote = (note: string) => note) {
  const segment = readSegment(readFileSync(fileOf(place), 'utf8'))!;
  const body = segmentBody({ leaves: change([...segment.leaves]), note: renote(segment.note) });
  chmodSync(fileOf(place), 0o600);
  writeFileSync(fileOf(place), segmentFile(place, body));
}

const at = (leaves: readonly SignedLeaf[], organization: string, index: number) =>
  leaves.findIndex(({ leaf }) => {
    const read = readLeaf(leaf);
    return read?.type === 'entry' && read.organization === organization && read.index === index;
  });
const edited = (line: SignedLeaf, change: Partial<Record<string, unknown>>): SignedLeaf => ({
  ...line,
  leaf: logLeaf({ ...(JSON.parse(line.leaf) as object), ...change } as never),
});
const renumbered = (leaves: readonly SignedLeaf[], from: number, by: number) =>
  leaves.map((line) => {
    const leaf = readLeaf(line.leaf);
    return leaf?.type === 'entry' && leaf.organization === a && leaf.index >= from
      ? edited(line, { index: leaf.index + by })
      : line;
  });

/** Signs everything in a segment anew, with heads and checkpoint that fit: the work of somebody with another key. */
function resign(leaves: readonly SignedLeaf[], key: typeof signer): SignedLeaf[] {
  return leaves.map(({ leaf }) => ({ leaf, signature: signStatement(key, 'audit-leaf', leaf) }));
}

describe('a clean archive', () => {
  it('passes, also by the public key as text', () => {
    const { segments, state, forks } = verify([readLatestNote(directory)!]);
    const sizes = [...state.organizations].map(([id, { tree }]) => [id, tree.size]);
    expect({ segments, sizes, forks }).toEqual({
      segments: 3,
      sizes: [
        [a, 9],
        [b, 3],
      ],
      forks: [],
    });
    expect(parseVerifierKey(formatVerifierKey(signer))).toEqual({ name: signer.name, publicKey: signer.publicKey });
  });

  it('fails where there is nothing', () => {
    rmSync(directory, { recursive: true });
    expect(fault()).toEqual({ reason: 'there are no segments' });
  });
});

describe('the first bad entry is named after', () => {
  const place = { generation: 1, segment: 2, organization: a };
  const cases: readonly (readonly [string, number, string, (leaves: SignedLeaf[]) => SignedLeaf[]])[] = [
    [
      'an edit',
      6,
      'edited',
      (leaves) => leaves.with(at(leaves, a, 6), edited(leaves[at(leaves, a, 6)]!, { outcome: 'REFUSED' })),
    ],
    [
      'an edit of the organization',
      6,
      'edited',
      (leaves) => leaves.with(at(leaves, a, 6), edited(leaves[at(leaves, a, 6)]!, { organization: b })),
    ],
    [
      'an edit to something else',
      6,
      'no leaf',
      (leaves) => leaves.with(at(leaves, a, 6), { ...leaves[at(leaves, a, 6)]!, leaf: '{}' }),
    ],
    ['a deletion in the middle', 5, 'deleted', (leaves) => leaves.toSpliced(at(leaves, a, 5), 1)],
    [
      'a deletion in the middle, renumbered',
      5,
      'rewritten',
      (leaves) => renumbered(leaves.toSpliced(at(leaves, a, 5), 1), 6, -1),
    ],
    ['a deletion of the tail', 8, 'deleted from the tail', (leaves) => leaves.toSpliced(at(leaves, a, 8), 1)],
    ['a deletion of all', 4, 'deleted from the tail', (leaves) => leaves.toSpliced(at(leaves, a, 4), 5)],
    [
      'an insertion',
      6,
      'inserted',
      (leaves) =>
        renumbered(leaves, 6, 1).toSpliced(at(leaves, a, 6), 0, edited(leaves[at(leaves, a, 5)]!, { index: 6 })),
    ],
    [
      'an insertion of an entry that is there',
      6,
      'repeated',
      (leaves) => leaves.toSpliced(at(leaves, a, 6), 0, leaves[at(leaves, a, 5)]!),
    ],
    [
      'an insertion at the end',
      9,
      'inserted',
      (leaves) => leaves.toSpliced(at(leaves, a, 8) + 1, 0, edited(leaves[at(leaves, a, 8)]!, { index: 9 })),
    ],
    [
      'a change of order',
      5,
      'out of order',
      (leaves) =>
        leaves.with(at(leaves, a, 5), leaves[at(leaves, a, 6)]!).with(at(leaves, a, 6), leaves[at(leaves, a, 5)]!),
    ],
    [
      'a signature of another entry',
      7,
      'edited',
      (leaves) =>
        leaves.with(at(leaves, a, 7), { ...leaves[at(leaves, a, 7)]!, signature: leaves[at(leaves, a, 6)]!.signature }),
    ],
  ];
  it.each(cases)('%s: %i, %s', (_name, index, words, change) => {
    tamper(second, change);
    expect(fault()).toEqual({ ...place, index, reason: expect.stringContaining(words) });
  });

  it('a rewrite with all hashes, heads and the checkpoint computed anew', () => {
    const before = readSegment(readFileSync(fileOf({ generation: 1, number: 1 }), 'utf8'))!;
    tamper(
      second,
      (leaves) => {
        const changed = leaves.with(at(leaves, a, 6), edited(leaves[at(leaves, a, 6)]!, { actorId: 'BBBBBBBBBBBB' }));
        const ofA = [...before.leaves, ...changed].filter(
          ({ leaf }) => leaf.includes(`"organization":"${a}"`) && leaf.includes('"entry"'),
        );
        const root = rootOf(
          growTree(
            emptyTree,
            ofA.map(({ leaf }) => leafHash(leaf)),
          ).tree,
        ).toString('hex');
        return changed.map((line) => (isHeadOf(readLeaf(line.leaf), a) ? edited(line, { root }) : line));
      },
      (note) => note.replace(/\n[A-Za-z0-9+/]{43}=\n/, `\n${randomBytes(32).toString('base64')}\n`),
    );
    expect(fault()).toEqual({ ...place, index: 6, reason: expect.stringContaining('rewritten') });
  });

  it('a rewrite that is whole, with another key', () => {
    rmSync(directory, { recursive: true });
    const writer = new ArchiveWriter(directory, foreign);
    writer.write({ [a]: 4, [b]: 2 });
    expect(fault()).toEqual({
      generation: 1,
      segment: 1,
      organization: a,
      index: 0,
      reason: 'signed with another key',
    });
  });

  it('one segment signed with another key', () => {
    tamper(
      second,
      (leaves) => resign(leaves, foreign),
      (note) =>
        note.replace(
          /— .*/,
          signCheckpoint(foreign, { origin: foreign.name, size: 1, root: randomBytes(32) })
            .split('\n')
            .at(-2)!,
        ),
    );
    expect(fault()).toEqual({ ...place, index: 4, reason: 'signed with another key' });
  });
});

const isHeadOf = (leaf: Leaf | undefined, organization: string) =>
  leaf?.type === 'head' && leaf.organization === organization;

describe('beside entries are found', () => {
  it('a missing segment, with the first entry that was in it', () => {
    rmSync(fileOf({ generation: 1, number: 1 }));
    expect(fault()).toMatchObject({
      segment: 1,
      organization: a,
      index: 0,
      reason: expect.stringContaining('segment was deleted'),
    });
  });

  it('missing segments at the end, by any checkpoint that was kept', () => {
    const kept = readLatestNote(directory)!;
    rmSync(fileOf({ generation: 1, number: 3 }));
    const is = { segment: 3, organization: null, index: 6, reason: expect.stringContaining('deleted from the tail') };
    expect(fault()).toMatchObject(is);
    rmSync(join(directory, 'checkpoint'));
    expect(fault()).toBeUndefined();
    expect(fault([kept])).toMatchObject(is);
  });

  it('leaves of the deployment that are missing, edited or added', () => {
    tamper(second, (leaves) => leaves.toSpliced(leaves.length - 2, 1));
    expect(fault()).toMatchObject({
      segment: 2,
      organization: null,
      index: 4,
      reason: expect.stringContaining('missing'),
    });
  });

  it('a checkpoint of one size with another root, signed by the key itself', () => {
    const root = randomBytes(32);
    expect(fault([signCheckpoint(signer, { origin: originOf(signer, 1), size: 7, root })])).toMatchObject({
      reason: expect.stringContaining('forked'),
    });
    expect(fault([signCheckpoint(signer, { origin: originOf(signer, 1), size: 2, root })])).toMatchObject({
      reason: expect.stringContaining('forked'),
    });
    expect(fault(['nonsense'])).toMatchObject({ reason: expect.stringContaining('malformed') });
  });

  it('a first line that does not fit, and a file that is no segment', () => {
    const file = fileOf(second);
    const text = readFileSync(file, 'utf8');
    chmodSync(file, 0o600);
    writeFileSync(
      file,
      text.replace(/sha256 ./, (found) => `sha256 ${found.endsWith('0') ? '1' : '0'}`),
    );
    expect(fault()).toMatchObject({ segment: 2, reason: expect.stringContaining('first line') });
    writeFileSync(file, 'nothing');
    expect(fault()).toMatchObject({ segment: 2, reason: 'the file is no segment' });
  });
});

describe('a recorded fork', () => {
  it('is followed from the segment after which it goes on, and reported', () => {
    rmSync(directory, { recursive: true });
    const writer = new ArchiveWriter(directory, signer);
    writer.write({ [a]: 4 });
    const restore = writer.remember();
    writer.write({ [a]: 2 });
    writer.write({ [a]: 1 });
    const sha256 = bodyHash(readSegment(readFileSync(fileOf({ generation: 1, number: 3 }), 'utf8'))!.body);
    const abandoned = { generation: 1, number: 3, sha256 };
    const fork = { type: 'fork', generation: 2, after: { generation: 1, number: 1 }, abandoned } as const;
    restore();
    writer.write({ [a]: 3 }, [fork], 2);
    const { forks, state, generation, segments } = verify();
    const size = state.organizations.get(a)?.tree.size;
    expect({ generation, segments, size }).toEqual({ generation: 2, segments: 4, size: 7 });
    expect(forks).toMatchObject([fork]);
    // What was abandoned has to be there, its end and all before it, and is verified too.
    for (const number of [3, 2]) {
      const file = fileOf({ generation: 1, number });
      const kept = readFileSync(file);
      rmSync(file);
      expect(fault()).toMatchObject({ generation: 1, reason: expect.stringMatching(/missing/) });
      writeFileSync(file, kept);
    }
    expect(verify().segments).toBe(4);
    tamper(second, (leaves) => leaves.toSpliced(1, 1));
    expect(fault()).toMatchObject({ generation: 1, segment: 2, organization: a, index: 5 });
  });
});
