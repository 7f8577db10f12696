import type { Measurement, ScenarioResult, TargetResult } from './results.js';

/** Most CPU of a request (gateway and PostgreSQL), as a part of that of another entrant with the same checks. */
const cpuTargets: readonly { readonly scenario: string; readonly against: string; readonly limit: number }[] = [
  { scenario: 'W1', against: 'postgraphile', limit: 0.3 },
  { scenario: 'W1', against: 'mercurius-same', limit: 0.3 },
  { scenario: 'W1', against: 'naive-apollo', limit: 0.1 },
  { scenario: 'W1', against: 'raw', limit: 1.3 },
  { scenario: 'W2', against: 'postgraphile', limit: 0.4 },
  { scenario: 'W2', against: 'mercurius-same', limit: 1.1 },
  { scenario: 'W2', against: 'raw', limit: 1.7 },
  { scenario: 'W3', against: 'postgraphile', limit: 0.35 },
  { scenario: 'W3', against: 'raw', limit: 1.6 },
  { scenario: 'W4', against: 'postgraphile', limit: 0.7 },
  { scenario: 'W4', against: 'raw', limit: 1.3 },
  { scenario: 'W5-hourly', against: 'raw', limit: 2 },
  { scenario: 'W5-hourly', against: 'raw (scan)', limit: 0.05 },
];

/** Most of the p99 of an operation of the mixed load, in p50. */
const tailLimit = 4;
/** Most CPU of a restricted key, as a part of that of a full one. */
const restrictedLimit = 1.3;

/** What became of the targets that the run has measured: those that were missed first. */
export function judgeTargets(results: readonly ScenarioResult[]): TargetResult[] {
  const byId = new Map(results.map((result) => [result.id, result]));
  const targets = cpuTargets.flatMap(({ scenario, against, limit }) => {
    const contenders = byId.get(scenario)?.contenders ?? {};
    const [own, other, bare] = [contenders['bulkhead'], contenders[against], contenders[`${against} (bare)`]];
    if (own === undefined || other === undefined) return [];
    const bareRatio = bare === undefined ? {} : { bareRatio: ratioOf(own, bare) };
    return [judged({ scenario, against: `CPU of ${against}`, limit, ratio: ratioOf(own, other), ...bareRatio })];
  });
  targets.push(...mixedTargets(byId.get('W7')));
  return targets.sort((a, b) => Number(a.met) - Number(b.met));
}

function mixedTargets(mixed: ScenarioResult | undefined): TargetResult[] {
  const restricted = mixed?.contenders['bulkhead (restricted)'];
  const full = mixed?.contenders['bulkhead (full)'];
  if (restricted === undefined || full === undefined) return [];
  const tails = Object.entries(restricted.operations ?? {}).map(([name, { p50Ms, p99Ms }]) =>
    judged({ scenario: 'W7', against: `p50 of ${name}, for its p99`, limit: tailLimit, ratio: p99Ms / p50Ms }),
  );
  return [
    judged({ scenario: 'W7', against: 'CPU of full keys', limit: restrictedLimit, ratio: ratioOf(restricted, full) }),
    ...tails,
  ];
}

function judged(target: Omit<TargetResult, 'met'>): TargetResult {
  return { ...target, ratio: Number(target.ratio.toPrecision(3)), met: target.ratio <= target.limit };
}

function ratioOf(own: Measurement, other: Measurement): number {
  return Number((own.cpuMsPerRequest.total / other.cpuMsPerRequest.total).toPrecision(3));
}
