import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { allows } from '../auth/api-keys/address-allow-list.js';
import { sourceOf } from './source-of.js';

/**
 * Failures within a time that ban an address, and for how long: as many as OWASP ASVS (4.0.3, 2.2.1) lets pass within an
 * hour, within the time and for the time that fail2ban has by default (`findtime`, `bantime`).
 */
export const banRules = { failures: 100, withinMs: 600_000, banMs: 600_000 } as const;

/** Sources that are remembered at most, of failures and of bans; the one that was quiet for longest is forgotten first. */
const maxSources = 10_000;
/** Loopback: health checks, the machine itself, and proxies on it that nobody has named. */
const loopback = ['127.0.0.0/8', '::1'];

/**
 * Addresses that fail to authenticate again and again, in the memory of one gateway: IPv4 addresses, and IPv6 by their
 * /64. Loopback and trusted proxies, whose own address stands for all who come through them, are never banned.
 */
export class AddressBans {
  readonly #log: Logger;
  readonly #exempt: readonly string[];
  /** By source: failures since the first of them, and that it is banned. */
  readonly #failures: LRUCache<string, number>;
  readonly #bans: LRUCache<string, true>;
  #refused = 0;

  /**
   * @param trustedProxies addresses and networks that are never banned
   * @param now a clock in milliseconds that does not jump
   */
  constructor(trustedProxies: readonly string[], log: Logger, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#exempt = [...loopback, ...trustedProxies];
    const common = { max: maxSources, perf: { now }, ttlResolution: 0, noUpdateTTL: true };
    this.#failures = new LRUCache({ ...common, ttl: banRules.withinMs });
    this.#bans = new LRUCache({ ...common, ttl: banRules.banMs });
  }

  /** Addresses that are banned now, and requests of such that were refused. */
  get counts(): { readonly banned: number; readonly refused: number } {
    this.#bans.purgeStale();
    return { banned: this.#bans.size, refused: this.#refused };
  }

  /** A request from there has failed to authenticate. */
  noteFailure(clientAddress: string): void {
    if (allows(this.#exempt, clientAddress)) return;
    const source = sourceOf(clientAddress);
    const failures = (this.#failures.get(source) ?? 0) + 1;
    if (failures < banRules.failures) {
      this.#failures.set(source, failures);
      return;
    }
    this.#failures.delete(source);
    if (this.#bans.has(source)) return;
    this.#bans.set(source, true);
    this.#log.warn({ source, failures, seconds: banRules.banMs / 1000 }, 'an address is banned');
  }

  /** Milliseconds for which an address is banned still; undefined where it is not. */
  leftMs(clientAddress: string): number | undefined {
    // Nobody is banned nearly always, and then an address is not even read.
    if (this.#bans.size === 0) return undefined;
    const source = sourceOf(clientAddress);
    return this.#bans.has(source) ? Math.max(1, this.#bans.getRemainingTTL(source)) : undefined;
  }

  /** A request from a banned address was refused. */
  noteRefusal(): void {
    this.#refused += 1;
  }
}
