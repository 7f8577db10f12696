import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Database } from '../db/database.js';
import { isReachable } from '../db/is-reachable.js';
import { presentedKey } from './authenticate.js';
import { operatorOf } from './operator-of.js';

/** Milliseconds for which an operator is let in while the database does not answer. */
const rememberedMs = 3_600_000;

/** Operators who may see what the gateway measures, also while the database that knows them does not answer. */
export class RememberedOperators {
  readonly #operational: Database;
  readonly #environment: string;
  /** Hashes of keys that were let in. */
  readonly #letIn = new LRUCache<string, true>({ max: 100, ttl: rememberedMs });

  constructor(operational: Database, environment: string) {
    this.#operational = operational;
    this.#environment = environment;
  }

  /**
   * Lets an operator in.
   * @throws BulkheadError NOT_FOUND, UNAUTHENTICATED as `operatorOf`; UNAVAILABLE
   */
  async require(request: FastifyRequest): Promise<void> {
    try {
      await operatorOf(request, this.#operational, this.#environment);
      this.#letIn.set(hashOf(request), true);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code === 'NOT_FOUND' || code === 'UNAUTHENTICATED') {
        this.#letIn.delete(hashOf(request));
        throw error;
      }
      if (!this.#letIn.has(hashOf(request)) || (await isReachable(this.#operational))) throw error;
    }
  }
}

function hashOf({ headers }: FastifyRequest): string {
  return createHash('sha256').update(presentedKey(headers)).digest('base64');
}
