import { type AuditVerifier, isSignatureOfStatement } from '../audit-key.js';
import { openCheckpoint, originOf } from '../log/checkpoint-note.js';
import { type EntryLeaf, type Leaf, type LogLeaf, readLeaf } from '../log/leaf.js';
import { bodyHash, type ReadSegment, type SegmentPlace, type SignedLeaf } from '../log/segment.js';
import { growTree, rootOf } from '../tree/grow-tree.js';
import { leafHash } from '../tree/tree-hash.js';
import { ArchiveFault, type FaultPlace } from './archive-fault.js';
import { type ArchiveState, organizationState } from './archive-state.js';

/** How segments are verified. */
export interface SegmentRules {
  readonly key: AuditVerifier;
  /** Whether hashes of all entries are kept, to be compared with a database. */
  readonly keepsHashes: boolean;
}

/**
 * Verifies the next segment and takes it into the state. Every leaf is signed by itself, so the first that was edited,
 * inserted or made with another key is named exactly; gaps and wrong order show in the indexes, a missing tail in the
 * heads, and what the holder of the key himself would have to do twice in the checkpoints.
 * @returns the forks that the segment records
 * @throws ArchiveFault for the first bad entry
 */
export function verifySegment(
  rules: SegmentRules,
  state: ArchiveState,
  place: SegmentPlace,
  segment: ReadSegment,
): Extract<LogLeaf, { type: 'fork' }>[] {
  const pass = new SegmentPass(rules, state, place, segment);
  pass.verifyLeaves();
  pass.verifyHeads();
  pass.verifyNote();
  return pass.forks;
}

class SegmentPass {
  readonly forks: Extract<LogLeaf, { type: 'fork' }>[] = [];
  readonly #rules: SegmentRules;
  readonly #state: ArchiveState;
  readonly #place: SegmentPlace;
  readonly #segment: ReadSegment;
  readonly #touched = new Set<string>();
  /** Organization of the line before. */
  #current: string | undefined;
  #checkpoint: Extract<LogLeaf, { type: 'checkpoint' }> | undefined;

  constructor(rules: SegmentRules, state: ArchiveState, place: SegmentPlace, segment: ReadSegment) {
    this.#rules = rules;
    this.#state = state;
    this.#place = place;
    this.#segment = segment;
  }

  verifyLeaves(): void {
    this.#segment.leaves.forEach((line, at) => {
      const leaf = readLeaf(line.leaf);
      if (leaf === undefined) throw this.#fault(`line ${at + 2} is no leaf`, this.#expectedNow());
      if (this.#checkpoint !== undefined) throw this.#logFault('a leaf was inserted after the last one', leaf.index);
      if (leaf.type === 'entry') this.#addEntry(leaf, line, at);
      else this.#addLogLeaf(leaf, line);
    });
  }

  /** Every organization with new entries has a head that covers them. */
  verifyHeads(): void {
    for (const id of this.#touched) {
      const { tree, headSize } = organizationState(this.#state, id);
      if (tree.size > headSize) {
        throw this.#fault('the entry is covered by no head: it was inserted, or the head deleted', {
          organization: id,
          index: headSize,
        });
      }
    }
  }

  verifyNote(): void {
    const { key } = this.#rules;
    const { generation, number } = this.#place;
    const { log } = this.#state;
    const checkpoint = this.#checkpoint;
    const opened = openCheckpoint(key, this.#segment.note);
    if (opened.fault !== undefined) throw this.#fault(`its checkpoint is ${opened.fault}`);
    const { origin, size, root } = opened.checkpoint;
    if (origin !== originOf(key, generation)) throw this.#fault('its checkpoint is of another log');
    if (size > log.size) throw this.#logFault('deleted from the tail: the checkpoint covers more', log.size);
    if (size < log.size) throw this.#logFault('inserted: the checkpoint does not cover it', size);
    if (!root.equals(rootOf(log))) throw this.#fault('its checkpoint has another root: the log was forked');
    if (checkpoint === undefined) throw this.#logFault('the segment does not end with its checkpoint', log.size);
    if (checkpoint.generation !== generation || checkpoint.number !== number) {
      throw this.#fault(`it is segment ${checkpoint.generation}/${checkpoint.number} under another name`);
    }
    if (checkpoint.previous !== this.#state.previous) throw this.#fault('it does not follow the segment before it');
    if (this.#state.at !== null && checkpoint.at <= this.#state.at) throw this.#fault('its clock went backwards');
    const hash = bodyHash(this.#segment.body);
    if (hash !== this.#segment.statedHash || this.#segment.place !== `${generation}/${number}`) {
      throw this.#fault('its first line does not state its place and the hash of its content');
    }
    Object.assign(this.#state, { previous: hash, number, at: checkpoint.at });
  }

  #addEntry(leaf: EntryLeaf, line: SignedLeaf, at: number): void {
    const expected = this.#state.organizations.get(leaf.organization)?.tree.size ?? 0;
    if (!this.#isSigned(line)) {
      // What an edited leaf says of itself is not to be believed: its neighbour says more.
      const claimed = { organization: leaf.organization, index: expected };
      throw this.#forgery(leaf.index === expected ? claimed : (this.#expectedNow() ?? claimed));
    }
    if (leaf.index !== expected) throw this.#disorder(leaf, expected, at);
    const organization = organizationState(this.#state, leaf.organization);
    const hash = leafHash(line.leaf);
    organization.tree = growTree(organization.tree, [hash]).tree;
    if (this.#rules.keepsHashes) organization.hashes.push(hash);
    this.#touched.add(leaf.organization);
    this.#current = leaf.organization;
  }

  #addLogLeaf(leaf: LogLeaf, line: SignedLeaf): void {
    const expected = this.#state.log.size;
    if (!this.#isSigned(line)) throw this.#forgery({ organization: null, index: expected });
    if (leaf.index > expected) throw this.#logFault('missing: deleted, or out of order', expected);
    if (leaf.index < expected) throw this.#logFault('not in its place: out of order, or repeated', expected);
    if (leaf.type === 'head') this.#verifyHead(leaf);
    else if (leaf.type === 'fork') this.forks.push(leaf);
    else this.#checkpoint = leaf;
    this.#state.log = growTree(this.#state.log, [leafHash(line.leaf)]).tree;
  }

  #verifyHead(leaf: Extract<LogLeaf, { type: 'head' }>): void {
    const organization = organizationState(this.#state, leaf.organization);
    const { size } = organization.tree;
    const place = { organization: leaf.organization, index: Math.min(size, leaf.size) };
    if (leaf.size > size) throw this.#fault('missing: deleted from the tail', place);
    if (leaf.size < size) throw this.#fault('inserted after the last entry', place);
    if (leaf.root !== rootOf(organization.tree).toString('hex')) {
      throw this.#fault('the entries from here on have another root than was signed: the log was forked', {
        organization: leaf.organization,
        index: organization.headSize,
      });
    }
    organization.headSize = size;
  }

  #isSigned({ leaf, signature }: SignedLeaf): boolean {
    return isSignatureOfStatement(this.#rules.key, 'audit-leaf', leaf, signature);
  }

  #forgery(place: Partial<FaultPlace>): ArchiveFault {
    const isForeign = openCheckpoint(this.#rules.key, this.#segment.note).fault === 'not signed by the key';
    const reason = isForeign
      ? 'signed with another key'
      : 'not what was signed: edited, inserted or rewritten after it was sealed';
    return this.#fault(reason, place);
  }

  #disorder(leaf: EntryLeaf, expected: number, at: number): ArchiveFault {
    const place = { organization: leaf.organization, index: expected };
    if (leaf.index < expected) return this.#fault(`repeated: entry ${leaf.index} stands in its place`, place);
    const comesLater = this.#segment.leaves.slice(at + 1).some((line) => isEntry(line, leaf.organization, expected));
    if (comesLater) return this.#fault(`out of order: entry ${leaf.index} stands in its place`, place);
    return this.#fault('missing: deleted', place);
  }

  /** The entry that would come next, after the line before. */
  #expectedNow(): Partial<FaultPlace> | undefined {
    if (this.#current === undefined) return undefined;
    return { organization: this.#current, index: organizationState(this.#state, this.#current).tree.size };
  }

  #logFault(reason: string, index: number): ArchiveFault {
    return this.#fault(reason, { organization: null, index });
  }

  #fault(reason: string, place: Partial<FaultPlace> = {}): ArchiveFault {
    return new ArchiveFault(reason, { generation: this.#place.generation, segment: this.#place.number, ...place });
  }
}

function isEntry({ leaf: text }: SignedLeaf, organization: string, index: number): boolean {
  const leaf: Leaf | undefined = readLeaf(text);
  return leaf?.type === 'entry' && leaf.organization === organization && leaf.index === index;
}
