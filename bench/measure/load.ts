import type { Entrant } from '../scenarios/scenario.js';

/** A load to be put on a contender: answered by `LoadResult`. */
export interface LoadJob {
  readonly url: string;
  readonly scenario: string;
  readonly entrant: Entrant;
  readonly connections: number;
  /** Organizations that ask: the first ones of the seed (default all). */
  readonly activeOrganizations?: number;
  /** Cursor that a page starts after, where the scenario asks for one. */
  readonly cursor?: string;
  /** Requests to send, or seconds for which to send them. */
  readonly until: { readonly requests: number } | { readonly seconds: number };
  /** What requests are drawn from: the same number draws the same requests. */
  readonly seed: number;
}

/** What came of a load. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Bytes of the body of an answer, on average. */
  readonly bytes: number;
  /** Answers that were not 200, held errors, or did not come. */
  readonly failures: number;
  /** The first of them, shortened. */
  readonly failure: string | undefined;
  /** Milliseconds of each request, by operation. */
  readonly latenciesMs: Readonly<Record<string, readonly number[]>>;
}

/** What puts loads on contenders. */
export interface LoadSource {
  /** @throws Error where the load could not be put */
  run(job: LoadJob): Promise<LoadResult>;
  /** CPU time that it has taken so far, in ms: shows whether it is the bottleneck. */
  cpuMs(): number;
}
