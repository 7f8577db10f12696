import type { Identity } from '../auth/identity.js';
import type { ErrorCode } from '../errors/error-codes.js';
import { ProcessMetrics } from '../signals/process-metrics.js';
import { RecentCounts } from '../signals/recent-counts.js';
import type { Evidence } from '../signals/report-process.js';
import type { AddressBans } from './address-bans.js';
import { sourceOf } from './source-of.js';

/** Requests of 5 minutes below which the share of failed ones says nothing. */
const leastRequests = 20;
/** Sources that are named in the evidence of an alert. */
const maxSources = 5;
/** Codes that somebody gets who asks for what is not theirs. */
const refusals = new Set<string>(['FORBIDDEN', 'NOT_FOUND']);

/** What a gateway measures of its requests, and where refused ones came from. */
export class GatewaySignals {
  readonly metrics = new ProcessMetrics('gateway');
  readonly bans: AddressBans;
  /** Of the last 5 minutes: requests by outcome, wrong keys by address, refused access by key and address. */
  readonly #outcomes = new RecentCounts();
  readonly #wrongKeys = new RecentCounts();
  readonly #refusedAccess = new RecentCounts();

  /** @param bans of addresses that send wrong keys */
  constructor(bans: AddressBans) {
    this.bans = bans;
    this.metrics.onLook(() => {
      const { banned, refused } = this.bans.counts;
      this.metrics.set('bulkhead_banned_addresses', [[{}, banned]]);
      this.metrics.set('bulkhead_banned_requests_total', [[{}, refused]]);
      this.metrics.set('bulkhead_failed_requests_ratio', [[{}, this.#failedRatio()]]);
      this.metrics.set('bulkhead_wrong_keys_recent', [[{}, this.#wrongKeys.most(1)[0]?.count ?? 0]]);
      this.metrics.set('bulkhead_refused_access_recent', [[{}, this.#refusedAccess.most(1)[0]?.count ?? 0]]);
    });
  }

  /** A request was answered. */
  noteRequest(kind: string, status: number, seconds: number): void {
    const outcome = status < 400 ? 'ok' : status < 500 ? 'refused' : 'failed';
    this.metrics.observe('bulkhead_request_seconds', { kind, outcome }, seconds);
    this.#outcomes.note(outcome);
  }

  /** A request, or a socket, was refused before it became an operation. */
  noteFault(code: ErrorCode, clientAddress: string): void {
    this.metrics.count('bulkhead_errors_total', { code });
    if (code !== 'UNAUTHENTICATED') return;
    this.#wrongKeys.note(sourceOf(clientAddress));
    this.bans.noteFailure(clientAddress);
  }

  /** An operation was answered with errors. */
  noteErrors(codes: readonly string[], { orgId, actor, clientAddress }: Identity): void {
    for (const code of codes) this.metrics.count('bulkhead_errors_total', { code });
    if (!codes.some((code) => refusals.has(code))) return;
    this.#refusedAccess.note(`${orgId} ${actor.id} ${sourceOf(clientAddress ?? '')}`);
  }

  /** Where wrong keys and refused access of the last 5 minutes came from, for alerts. */
  evidence(): Evidence {
    return {
      wrongKeys: this.#wrongKeys.most(maxSources).map(({ name, count }) => ({ source: name, count })),
      refusedAccess: this.#refusedAccess.most(maxSources).map(({ name, count }) => {
        const [orgId, keyId, source] = name.split(' ');
        return { orgId, keyId, source, count };
      }),
    };
  }

  #failedRatio(): number {
    const counts = this.#outcomes.most(3);
    const all = counts.reduce((sum, { count }) => sum + count, 0);
    const failed = counts.find(({ name }) => name === 'failed')?.count ?? 0;
    return all < leastRequests ? 0 : failed / all;
  }
}
