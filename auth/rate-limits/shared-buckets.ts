import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { BucketLimits } from './bucket-limits.js';
import { type Advance, type Draw, type DrawnBucket, drawOf, noAdvance, type TokenCost } from './draw.js';
import type { RateLimitTier } from './rate-limit-state.js';
import { takeTokensScript } from './take-tokens-script.js';

/** Milliseconds that Redis has to answer; it takes less than one. */
const patienceMs = 250;
/** Milliseconds for which it is not asked again after it has failed to. */
const pauseMs = 1000;
/** Milliseconds for connecting, and at most between two attempts. */
const connectMs = 2000;

const tiers: readonly RateLimitTier[] = ['STANDARD', 'DATA_READ'];

/** What is needed of the client. */
interface Redis {
  readonly isReady: boolean;
  evalSha(hash: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  destroy(): void;
}

/**
 * Token buckets in a Redis that gateways and workers share. It holds no names and no secrets: a hash of deployment and
 * organization, and numbers.
 */
export class SharedBuckets {
  readonly #redis: Redis;
  readonly #deployment: string;
  readonly #log: Logger;
  readonly #hash = createHash('sha1').update(takeTokensScript).digest('hex');
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  #isLost = false;

  private constructor(redis: Redis, deployment: string, log: Logger) {
    this.#redis = redis;
    this.#deployment = deployment;
    this.#log = log;
  }

  /**
   * Connects, which it waits for up to 2 s, and connects again whenever the connection is lost.
   * @param url `redis://` or `rediss://` (TLS), with user and password where Redis wants them
   * @param deployment id of the deployment, so that several may share a Redis
   */
  static async open(url: string, deployment: string, log: Logger): Promise<SharedBuckets> {
    // Loaded here, since every process would pay for it otherwise.
    const { createClient } = await import('@redis/client');
    const redis = createClient({
      url,
      RESP: 2,
      disableOfflineQueue: true,
      socket: { connectTimeout: connectMs, reconnectStrategy: (attempts) => Math.min(connectMs, 100 * 2 ** attempts) },
    });
    const buckets = new SharedBuckets(redis, deployment, log);
    redis.on('error', (error) => buckets.#lost(error));
    redis.on('ready', () => buckets.#found());
    // Waited for, so that a gateway does not begin with the buckets of PostgreSQL.
    await inTime(redis.connect(), connectMs).catch((error) => buckets.#lost(error));
    return buckets;
  }

  /** Whether there is a point in asking it. */
  get isReady(): boolean {
    return this.#redis.isReady && performance.now() >= this.#pausedUntilMs;
  }

  /**
   * Charges both buckets of an organization, all or nothing.
   * @returns undefined where Redis does not answer within a quarter of a second; it is not asked for a second then
   * @throws BulkheadError OPERATION_TOO_COMPLEX for a cost that no bucket can ever hold
   */
  async draw(orgId: string, limits: BucketLimits, cost: TokenCost, advance = noAdvance): Promise<Draw | undefined> {
    if (!this.isReady) return undefined;
    let answer: unknown;
    try {
      answer = await inTime(this.#run(orgId, limits, cost, advance), patienceMs);
    } catch (error) {
      this.#lost(error);
      return undefined;
    }
    this.#found();
    return drawOf('REDIS', cost, bucketsOf(answer, limits));
  }

  /** Closes the connection. */
  close(): void {
    this.#redis.destroy();
  }

  async #run(orgId: string, limits: BucketLimits, cost: TokenCost, { more, held, back }: Advance): Promise<unknown> {
    const name = createHash('sha256').update(`${this.#deployment}:${orgId}`).digest('base64url').slice(0, 22);
    const numbers = tiers.flatMap((tier) => {
      const { perMinute, burst } = limits[tier];
      return [cost[tier], more[tier], held[tier], back[tier], perMinute, burst];
    });
    const call = { keys: [`bulkhead:bucket:${name}`], arguments: numbers.map(String) };
    try {
      return await this.#redis.evalSha(this.#hash, call);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('NOSCRIPT')) {
        return this.#redis.eval(takeTokensScript, call);
      }
      throw error;
    }
  }

  #lost(error: unknown): void {
    this.#pausedUntilMs = performance.now() + pauseMs;
    // Only the kind: messages of the client may quote what was sent.
    const { name, code } = error as { name?: unknown; code?: unknown };
    if (!this.#isLost) this.#log.warn({ reason: code ?? name }, 'Redis does not answer: PostgreSQL keeps rate limits');
    this.#isLost = true;
  }

  #found(): void {
    this.#pausedUntilMs = Number.NEGATIVE_INFINITY;
    if (this.#isLost) this.#log.info('Redis answers again: it keeps rate limits');
    this.#isLost = false;
  }
}

/** Numbers as the script answers them. */
function bucketsOf(answer: unknown, limits: BucketLimits): DrawnBucket[] {
  const [granted, ...rest] = answer as number[];
  return tiers.map((tier, index) => {
    const [remaining = 0, retryAfterMs = 0, fullAfterMs = 0, taken = 0] = rest.slice(4 * index);
    return { tier, ...limits[tier], remaining, fullAfterMs, granted: granted === 1, retryAfterMs, taken };
  });
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TooLate()), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

class TooLate extends Error {
  override readonly name = 'TooLate';
}
