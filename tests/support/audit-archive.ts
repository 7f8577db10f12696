import { randomUUID } from 'node:crypto';
import { writeLatestNote, writeSegment } from '../../audit/archive/archive-directory.js';
import { type AuditSigner, signStatement } from '../../audit/audit-key.js';
import { originOf, signCheckpoint } from '../../audit/log/checkpoint-note.js';
import { entryLeaf, type LogLeaf, logLeaf } from '../../audit/log/leaf.js';
import { bodyHash, type SegmentPlace, type SignedLeaf, segmentBody, segmentFile } from '../../audit/log/segment.js';
import { emptyTree, growTree, rootOf, type Tree } from '../../audit/tree/grow-tree.js';
import { leafHash } from '../../audit/tree/tree-hash.js';

type Unplaced<Each> = Each extends LogLeaf ? Omit<Each, 'index'> : never;

/** Writes archives as the worker does, from entries that are made up: for tests of what is done to them afterwards. */
export class ArchiveWriter {
  readonly #directory: string;
  readonly #signer: AuditSigner;
  readonly #trees = new Map<string, Tree>();
  #log = emptyTree;
  #previous: string | null = null;
  #number = 0;

  constructor(directory: string, signer: AuditSigner) {
    this.#directory = directory;
    this.#signer = signer;
  }

  /** Writes one segment with so many new entries of each organization. */
  write(
    entries: Readonly<Record<string, number>>,
    also: readonly Unplaced<LogLeaf>[] = [],
    generation = 1,
  ): SegmentPlace {
    const leaves: SignedLeaf[] = [];
    const heads: Unplaced<LogLeaf>[] = [];
    for (const [organization, count] of Object.entries(entries)) {
      let tree = this.#trees.get(organization) ?? emptyTree;
      for (let at = 0; at < count; at += 1) {
        const leaf = entryLeaf(organization, tree.size, madeUpEntry(`${organization} ${tree.size}`));
        leaves.push(this.#signed(leaf));
        tree = growTree(tree, [leafHash(leaf)]).tree;
      }
      this.#trees.set(organization, tree);
      heads.push({ type: 'head', organization, size: tree.size, root: rootOf(tree).toString('hex') });
    }
    this.#number += 1;
    const place = { generation, number: this.#number };
    const at = new Date(Date.UTC(2026, 0, 1) + this.#number * 60_000).toISOString();
    for (const each of [...heads, ...also, { type: 'checkpoint', ...place, at, previous: this.#previous } as const]) {
      const leaf = logLeaf({ ...each, index: this.#log.size });
      leaves.push(this.#signed(leaf));
      this.#log = growTree(this.#log, [leafHash(leaf)]).tree;
    }
    const { size } = this.#log;
    const origin = originOf(this.#signer, generation);
    const note = signCheckpoint(this.#signer, { origin, size, root: rootOf(this.#log) });
    const body = segmentBody({ leaves, note });
    this.#previous = bodyHash(body);
    if (writeSegment(this.#directory, place, segmentFile(place, body)) !== 'written') throw new Error('it was there');
    writeLatestNote(this.#directory, note);
    return place;
  }

  /** @returns what puts the writer back to where it is now, as a database that is restored from a backup */
  remember(): () => void {
    const [trees, log, previous, number] = [[...this.#trees], this.#log, this.#previous, this.#number];
    return () => {
      this.#trees.clear();
      for (const [id, tree] of trees) this.#trees.set(id, tree);
      this.#log = log;
      this.#previous = previous;
      this.#number = number;
    };
  }

  #signed(leaf: string): SignedLeaf {
    return { leaf, signature: signStatement(this.#signer, 'audit-leaf', leaf) };
  }
}

function madeUpEntry(text: string) {
  return {
    id: randomUUID(),
    at: '2026-01-01T00:00:00.000000Z',
    ...{ actorType: 'API_KEY', actorId: 'AAAAAAAAAAAA', action: 'updateSite', resource: 'PLACE/Site/1', code: null },
    ...{ outcome: 'SUCCEEDED', clientAddress: '192.0.2.1', requestId: randomUUID() },
    change: JSON.stringify({ input: { name: text } }),
    salt: Buffer.alloc(32, 7),
  };
}
