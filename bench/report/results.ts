import type { Round } from '../measure/round.js';
import { median } from '../measure/statistics.js';

/** CPU of one request in ms, medians of the rounds. */
export interface CpuPerRequest {
  readonly gateway: number;
  readonly postgres: number;
  readonly total: number;
}

/** What was measured of one entrant of one scenario: medians of the rounds. */
export interface Measurement {
  readonly cpuMsPerRequest: CpuPerRequest;
  /** Least and greatest total of the rounds. */
  readonly cpuMsTotalRange: readonly [number, number];
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bytes: number;
  readonly rssMb: number;
  /** Requests of all rounds. */
  readonly requests: number;
  readonly generatorCores: number;
  readonly foreignCores: number;
  /** Latencies by operation, where there are several. */
  readonly operations?: Readonly<Record<string, { readonly p50Ms: number; readonly p99Ms: number }>>;
}

/** A scenario as it was measured. */
export interface ScenarioResult {
  readonly id: string;
  readonly title: string;
  readonly notes: readonly string[];
  readonly contenders: Readonly<Record<string, Measurement>>;
}

/** A target of the project and what became of it. */
export interface TargetResult {
  readonly scenario: string;
  /** In words, e.g. `CPU of raw`. */
  readonly against: string;
  /** At most. */
  readonly limit: number;
  readonly ratio: number;
  /** The same beside the bare peer, where there is one. */
  readonly bareRatio?: number;
  readonly met: boolean;
}

/** A run: the document that `--json` prints. */
export interface BenchResult {
  readonly benchmark: 'bulkhead';
  readonly startedAt: string;
  readonly mode: 'quick' | 'full' | 'chosen';
  readonly machine: Readonly<Record<string, string | number>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly postgresSettings: Readonly<Record<string, string>>;
  readonly seed: Readonly<Record<string, number>>;
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly connections: number;
  readonly targets: readonly TargetResult[];
  readonly scenarios: readonly ScenarioResult[];
}

/** Medians of the rounds of one entrant. */
export function summarize(rounds: readonly Round[]): Measurement {
  const middle = (pick: (round: Round) => number) => rounded(median(rounds.map(pick)));
  const totals = rounds.map(({ totalMs }) => totalMs);
  const names = Object.keys(rounds[0]?.operations ?? {});
  return {
    cpuMsPerRequest: {
      gateway: middle(({ gatewayMs }) => gatewayMs),
      postgres: middle(({ postgresMs }) => postgresMs),
      total: middle(({ totalMs }) => totalMs),
    },
    cpuMsTotalRange: [rounded(Math.min(...totals)), rounded(Math.max(...totals))],
    rps: middle(({ rps }) => rps),
    p50Ms: middle(({ p50Ms }) => p50Ms),
    p99Ms: middle(({ p99Ms }) => p99Ms),
    bytes: middle(({ bytes }) => bytes),
    rssMb: middle(({ rssMb }) => rssMb),
    requests: rounds.reduce((sum, { requests }) => sum + requests, 0),
    generatorCores: middle(({ generatorCores }) => generatorCores),
    foreignCores: middle(({ foreignCores }) => foreignCores),
    ...(names.length < 2
      ? {}
      : {
          operations: Object.fromEntries(
            names.map((name) => [
              name,
              {
                p50Ms: middle(({ operations }) => operations[name]?.p50Ms ?? Number.NaN),
                p99Ms: middle(({ operations }) => operations[name]?.p99Ms ?? Number.NaN),
              },
            ]),
          ),
        }),
  };
}

/** Four significant digits: more are noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
