import type { Manifest } from '../seed/manifest.js';
import type { Random } from '../seed/random.js';

/** What runs the scenarios; `mercurius-same` has the pipelined data layer, `mercurius` the straightforward one. */
export const contenderNames = [
  'bulkhead',
  'raw',
  'postgraphile',
  'mercurius-same',
  'mercurius',
  'yoga',
  'naive-apollo',
  'pgbench',
] as const;

/** Name of a contender. */
export type ContenderName = (typeof contenderNames)[number];

/** Tokens that an operation costs, as the product computes them: peers take as many. */
export interface Tokens {
  readonly STANDARD: number;
  readonly DATA_READ: number;
}

/** What a request is drawn from. */
export interface Draw {
  readonly random: Random;
  readonly manifest: Manifest;
  /** Number of the organization that asks. */
  readonly organization: number;
  /** Epoch ms of the request. */
  readonly nowMs: number;
  /** Cursor that a page starts after, where the job has one. */
  readonly cursor: string | undefined;
}

/** The same question in another schema, and its answer in the words of ours. */
export interface Translation {
  readonly document: string;
  readonly variables: (variables: Record<string, unknown>, orgId: string) => Record<string, unknown>;
  readonly answer: (data: never) => unknown;
}

/** One operation of a scenario. */
export interface Operation {
  /** Name within the scenario: latencies are kept by it. */
  readonly name: string;
  readonly document: string;
  /** Variables of one request. */
  readonly variables: (draw: Draw) => Record<string, unknown>;
  /** Share of the requests, relative to the others. */
  readonly weight: number;
  readonly tokens: Tokens;
  /** For PostGraphile, whose schema follows from the tables. */
  readonly postgraphile?: Translation;
}

/** Which key asks. */
export type KeyKind = 'full' | 'restricted';

/** One way in which a scenario is run: a line of its table. */
export interface Entrant {
  /** Contender with what sets the line apart, e.g. `raw (bare)`. */
  readonly label: string;
  readonly contender: ContenderName;
  /** With the key lookup and the token check of the product; bare peers know their keys and check no limit. */
  readonly checks: boolean;
  readonly key: KeyKind;
  /** Another statement of the raw contender. */
  readonly statement?: 'scan';
}

/** A load, its question and who answers it. */
export interface Scenario {
  /** `W1`, or `W5-daily` for a variant. */
  readonly id: string;
  readonly title: string;
  readonly operations: readonly Operation[];
  readonly entrants: readonly Entrant[];
  /** Number of the organization of each request; a random one if absent. */
  readonly organization?: number;
  /** Connections at once (default: those of the run), fewer where a single request keeps the machine busy. */
  readonly connections?: number;
  /** Whether answers of all contenders are compared with each other; mixed loads are made of operations that were. */
  readonly isCompared: boolean;
  /** What a reader of the table must know. */
  readonly notes: readonly string[];
}

/** pgbench with the statement of `raw`: PostgreSQL's part alone, without a server before it and without checks. */
export const pgbenchEntrant: Entrant = { label: 'pgbench (bare)', contender: 'pgbench', checks: false, key: 'full' };

/** What a reader of a table with it must know. */
export const pgbenchNote =
  'pgbench is its own load generator, asks PostgreSQL itself, whose function signs the context, and connects anew for each ' +
  'round.';

/** Bulkhead with all its checks, and each peer with and without them. */
export function entrantsOf(peers: readonly Exclude<ContenderName, 'bulkhead' | 'pgbench'>[]): Entrant[] {
  return [
    { label: 'bulkhead', contender: 'bulkhead', checks: true, key: 'full' },
    ...peers.flatMap((contender) => [
      { label: contender, contender, checks: true, key: 'full' as const },
      { label: `${contender} (bare)`, contender, checks: false, key: 'full' as const },
    ]),
  ];
}
