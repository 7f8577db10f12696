import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** In the place of an organization's id: the tree of the deployment itself (largest UUID, RFC 9562, 5.10). */
export const logTreeId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** An entry of the audit log as it is stored. */
export interface StoredEntry {
  readonly id: string;
  /** Moment in UTC, ISO 8601 with microseconds. */
  readonly at: string;
  readonly actorType: string;
  readonly actorId: string;
  readonly action: string;
  readonly resource: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly clientAddress: string | null;
  readonly requestId: string;
  /** JSON text as it was written. */
  readonly change: string;
  /** 32 random bytes. */
  readonly salt: Buffer;
}

/** The leaves of the tree of an organization. */
export interface EntryLeaf {
  readonly type: 'entry';
  readonly organization: string;
  readonly index: number;
  readonly id: string;
  readonly at: string;
  readonly actorType: string;
  readonly actorId: string;
  readonly action: string;
  readonly resource: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly requestId: string;
  /** SHA-256 of `detailsOf` the entry, in hex. */
  readonly details: string;
}

/** The leaves of the tree of the deployment. */
export type LogLeaf =
  /** Binds the tree of an organization; `root` in hex. */
  | {
      readonly type: 'head';
      readonly index: number;
      readonly organization: string;
      readonly size: number;
      readonly root: string;
    }
  /** The last leaf of every segment; `previous` is the SHA-256 of the body of the segment before, in hex. */
  | {
      readonly type: 'checkpoint';
      readonly index: number;
      readonly generation: number;
      readonly number: number;
      readonly at: string;
      readonly previous: string | null;
    }
  /**
   * The database was behind its own checkpoints: this generation goes on after segment `after` (number 0: from nothing),
   * and what was sealed from there to `abandoned` is not in the database any more.
   */
  | {
      readonly type: 'fork';
      readonly index: number;
      readonly generation: number;
      readonly after: { readonly generation: number; readonly number: number };
      readonly abandoned: { readonly generation: number; readonly number: number; readonly sha256: string };
    };

/** Any leaf. */
export type Leaf = EntryLeaf | LogLeaf;

/**
 * What a leaf holds only by its hash, so that it can be erased while the log still proves what it does: the change and
 * the address of the client, with a salt, as canonical JSON.
 */
export function detailsOf({
  change,
  clientAddress,
  salt,
}: Pick<StoredEntry, 'change' | 'clientAddress' | 'salt'>): string {
  return canonical({ change, clientAddress, salt: salt.toString('base64') });
}

/** The exact text of an entry's leaf. */
export function entryLeaf(organization: string, index: number, entry: StoredEntry): string {
  const { id, at, actorType, actorId, action, resource, outcome, code, requestId } = entry;
  const details = createHash('sha256').update(detailsOf(entry)).digest('hex');
  const leaf: EntryLeaf = {
    ...{ type: 'entry', organization, index, id, at, actorType, actorId, action, resource, outcome, code, requestId },
    details,
  };
  return canonical(leaf);
}

/** The exact text of a leaf of the deployment's tree. */
export function logLeaf(leaf: LogLeaf): string {
  return canonical(leaf);
}

/** Reads a leaf; undefined for a text that is none. What it says is to be believed once its signature is verified. */
export function readLeaf(text: string): Leaf | undefined {
  try {
    const leaf = JSON.parse(text) as Leaf;
    const isNamed = ['entry', 'head', 'checkpoint', 'fork'].includes(leaf.type) && Number.isSafeInteger(leaf.index);
    return isNamed && (leaf.type !== 'entry' || typeof leaf.organization === 'string') ? leaf : undefined;
  } catch {
    return undefined;
  }
}

function canonical(value: object): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('a leaf has no JSON');
  return text;
}
