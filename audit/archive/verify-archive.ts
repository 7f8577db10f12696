import { setImmediate } from 'node:timers/promises';
import { openCheckpoint, originOf } from '../log/checkpoint-note.js';
import { type LogLeaf, readLeaf } from '../log/leaf.js';
import { bodyHash, readSegment, type SegmentPlace } from '../log/segment.js';
import { rootOf } from '../tree/grow-tree.js';
import { generationsIn, readLatestNote, readSegmentFile, segmentNumbers } from './archive-directory.js';
import { ArchiveFault } from './archive-fault.js';
import { type ArchiveState, copyOfState, newArchiveState } from './archive-state.js';
import { type SegmentRules, verifySegment } from './verify-segment.js';

/** A recorded fork: the database was found behind its own checkpoints, as after it was put back in time. */
export type RecordedFork = Extract<LogLeaf, { type: 'fork' }>;

/** An archive without fault. */
export interface VerifiedArchive {
  readonly segments: number;
  /** State after the newest segment of the newest generation. */
  readonly state: ArchiveState;
  readonly generation: number;
  readonly forks: readonly RecordedFork[];
  /** SHA-256 of the body of every segment, by `<generation>/<number>`. */
  readonly bodies: ReadonlyMap<string, string>;
}

/** What an archive is verified with, beside the public key. */
export interface ArchiveQuestion extends SegmentRules {
  /** Checkpoints that were kept elsewhere: signed notes. */
  readonly notes: readonly string[];
}

/**
 * Verifies a directory of segments from the first to the last, from nothing but its files and the public key.
 * @throws ArchiveFault for the first fault
 */
export function verifyArchive(directory: string, question: ArchiveQuestion): VerifiedArchive {
  const pass = new ArchivePass(directory, question);
  for (const generation of generationsIn(directory)) {
    for (const _segment of pass.verifyGeneration(generation));
  }
  return pass.finish();
}

/**
 * As `verifyArchive`, for a process that has other things to do: between two segments it lets them be done.
 * @throws ArchiveFault for the first fault
 */
export async function verifyArchiveAside(directory: string, question: ArchiveQuestion): Promise<VerifiedArchive> {
  const pass = new ArchivePass(directory, question);
  for (const generation of generationsIn(directory)) {
    for (const _segment of pass.verifyGeneration(generation)) await setImmediate();
  }
  return pass.finish();
}

class ArchivePass {
  readonly #directory: string;
  readonly #question: ArchiveQuestion;
  readonly #forks: RecordedFork[] = [];
  readonly #bodies = new Map<string, string>();
  /** Roots that were signed, by origin and size. */
  readonly #roots = new Map<string, string>();
  /** Where a later generation goes on: state by `<generation>/<number>`. */
  readonly #branches = new Map<string, ArchiveState>();
  #state = newArchiveState();
  #generation = 0;
  /** Read before the segments are listed: a running worker adds to them, and writes it after its segment. */
  readonly #latest: string | undefined;

  constructor(directory: string, question: ArchiveQuestion) {
    this.#directory = directory;
    this.#question = question;
    this.#latest = readLatestNote(directory);
    for (const generation of generationsIn(directory)) {
      const fork = this.#forkOf(generation);
      if (fork !== undefined) this.#branches.set(nameOf(fork.after), newArchiveState());
    }
  }

  /** Verifies one segment after the other. */
  *verifyGeneration(generation: number): Generator<void, void> {
    const numbers = segmentNumbers(this.#directory, generation);
    const [first] = numbers;
    if (first === undefined) return;
    const fork = this.#forkOf(generation);
    if (generation > 1 && fork === undefined) {
      throw new ArchiveFault('a generation begins without recording a fork', { generation, segment: first });
    }
    const after = fork?.after ?? { generation: 0, number: 0 };
    const state = after.number === 0 ? newArchiveState() : this.#branches.get(nameOf(after));
    if (state === undefined || state.number !== after.number) {
      throw new ArchiveFault('the segment after which it goes on is missing', { generation, segment: first });
    }
    this.#state = copyOfState(state);
    this.#generation = generation;
    for (const number of numbers) {
      this.#verify({ generation, number });
      yield;
    }
  }

  finish(): VerifiedArchive {
    if (this.#generation === 0) throw new ArchiveFault('there are no segments');
    this.#requireAbandoned();
    const latest = this.#latest;
    for (const note of [...(latest === undefined ? [] : [latest]), ...this.#question.notes]) this.#compare(note);
    return {
      segments: this.#bodies.size,
      state: this.#state,
      generation: this.#generation,
      forks: this.#forks,
      bodies: this.#bodies,
    };
  }

  /** What a fork has left behind is nowhere but in the segments: they must be there, up to the one that it names. */
  #requireAbandoned(): void {
    for (const { abandoned } of this.#forks) {
      if (this.#bodies.get(nameOf(abandoned)) === abandoned.sha256) continue;
      const { generation, number: segment } = abandoned;
      throw new ArchiveFault('the abandoned end of a generation is missing, or not the one that was recorded', {
        generation,
        segment,
      });
    }
  }

  #verify(place: SegmentPlace): void {
    const { generation, number } = place;
    const at = { generation, segment: number };
    const segment = readSegment(readSegmentFile(this.#directory, place) ?? '');
    if (segment === undefined) throw new ArchiveFault('the file is no segment', at);
    if (number !== this.#state.number + 1)
      this.#refuseGap(
        place,
        segment.leaves.map(({ leaf }) => leaf),
      );
    const forks = verifySegment(this.#question, this.#state, place, segment);
    this.#forks.push(...forks);
    this.#bodies.set(nameOf(place), bodyHash(segment.body));
    const { log } = this.#state;
    this.#roots.set(`${originOf(this.#question.key, generation)} ${log.size}`, rootOf(log).toString('base64'));
    if (this.#branches.has(nameOf(place))) {
      this.#branches.set(nameOf(place), copyOfState(this.#state));
    }
  }

  /** Whole segments are missing: the next one says of which entries. */
  #refuseGap({ generation, number }: SegmentPlace, leaves: readonly string[]): never {
    const missing = this.#state.number + 1;
    for (const text of leaves) {
      const leaf = readLeaf(text);
      if (leaf?.type !== 'entry') continue;
      const { organization, index } = leaf;
      const expected = this.#state.organizations.get(organization)?.tree.size ?? 0;
      if (index > expected) {
        throw new ArchiveFault('missing: its whole segment was deleted', {
          generation,
          segment: missing,
          organization,
          index: expected,
        });
      }
    }
    const index = this.#state.log.size;
    throw new ArchiveFault(`segments ${missing} to ${number - 1} are missing`, {
      generation,
      segment: missing,
      organization: null,
      index,
    });
  }

  /** A checkpoint that somebody kept: the archive has to have it too. */
  #compare(note: string): void {
    const opened = openCheckpoint(this.#question.key, note);
    if (opened.fault !== undefined) throw new ArchiveFault(`a checkpoint that was kept elsewhere is ${opened.fault}`);
    const { origin, size, root } = opened.checkpoint;
    const known = this.#roots.get(`${origin} ${size}`);
    if (known === root.toString('base64')) return;
    const place = { generation: this.#generation, segment: this.#state.number };
    if (known === undefined && size > this.#state.log.size) {
      throw new ArchiveFault(
        `deleted from the tail: a signed checkpoint has ${size} leaves, the archive ends at ${this.#state.log.size}`,
        {
          generation: this.#generation,
          segment: this.#state.number + 1,
          organization: null,
          index: this.#state.log.size,
        },
      );
    }
    throw new ArchiveFault(`the log was forked: another checkpoint of ${origin} with ${size} leaves was signed`, place);
  }

  #forkOf(generation: number): RecordedFork | undefined {
    const [number] = segmentNumbers(this.#directory, generation);
    if (generation === 1 || number === undefined) return undefined;
    const file = readSegmentFile(this.#directory, { generation, number });
    for (const { leaf } of readSegment(file ?? '')?.leaves ?? []) {
      const read = readLeaf(leaf);
      if (read?.type === 'fork') return read;
    }
    return undefined;
  }
}

function nameOf({ generation, number }: SegmentPlace): string {
  return `${generation}/${number}`;
}
