import type { Database } from '../db/database.js';

/**
 * How far a request with an Idempotency-Key has come:
 *
 * - `OPEN`: nothing is claimed; the next transaction that writes claims the key.
 * - `REFUSED`: the mutation was refused before anything of it was committed; nothing claims the key by itself any more.
 * - `CLAIMED`: a transaction with the claim is committed; the effect goes on in others.
 * - `DONE`: the effect is committed, and marked as such.
 * - `ANSWERED`: an earlier request has done it; nothing of this one was executed.
 */
export type IdempotencyState = 'OPEN' | 'REFUSED' | 'CLAIMED' | 'DONE' | 'ANSWERED';

/** By what the answer of a mutation can be made again when it was lost. */
export interface IdempotencyReference {
  /** Canonical path of the changed resource. */
  readonly resource: string;
  /** Fields of the payload that say nothing more than ids, names and numbers do; the id of the changed row as `id`. */
  readonly fields: Readonly<Record<string, string | number>>;
}

/** What an earlier request under the same key has left. */
export interface IdempotentOutcome {
  /** Absent where the effect is in another store than its record. */
  readonly reference: IdempotencyReference | undefined;
  /** The answer as it was stored, encrypted; undefined where it never was. */
  readonly answer: Buffer | undefined;
}

/** The claim of one request on its Idempotency-Key. It travels with the identity into every transaction that writes. */
export interface IdempotencyClaim {
  /** The database that keeps the records: transactions of others claim nothing. */
  readonly database: Database;
  readonly key: string;
  /** HMAC-SHA-256 of what makes two requests the same, in hex. */
  readonly fingerprint: string;
  /** The scopes of the API key as JSON. */
  readonly scopes: string;
  state: IdempotencyState;
  /**
   * Set with `CLAIMED` where an earlier request has begun with it, in another store perhaps, and its process ended: since
   * when, in milliseconds by the clock of the database.
   */
  resumedSinceMs?: number;
  /** Set with `DONE`. */
  reference?: IdempotencyReference;
  /** Set when an `ANSWERED` request has looked and may see it. */
  outcome?: IdempotentOutcome;
  /** Response paths of secrets that the answer shows, which is never stored with them. */
  readonly shownOnce: (readonly (string | number)[])[];
}
