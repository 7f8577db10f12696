import { describe, expect, it } from '@jest/globals';
import { difference } from '../../../bench/compare/same-answers.js';
import type { Round } from '../../../bench/measure/round.js';
import { median, percentile } from '../../../bench/measure/statistics.js';
import { plot } from '../../../bench/report/plot.js';
import { type BenchResult, type ScenarioResult, summarize } from '../../../bench/report/results.js';
import { judgeTargets } from '../../../bench/report/targets.js';
import { textReport } from '../../../bench/report/text-report.js';
import { judgeGrowth } from '../../../bench/soak/growth.js';

function round(gatewayMs: number, postgresMs: number): Round {
  const latency = { requests: 100, p50Ms: 2, p99Ms: 9 };
  return {
    ...latency,
    rps: 1234,
    gatewayMs,
    postgresMs,
    totalMs: gatewayMs + postgresMs,
    bytes: 40_000,
    rssMb: 150,
    generatorCores: 0.2,
    foreignCores: 0,
    operations: { get: latency, list: { ...latency, p99Ms: 7 } },
  };
}

const contenders = {
  bulkhead: summarize([round(1, 1), round(3, 1), round(1, 2)]),
  raw: summarize([round(1, 1)]),
  postgraphile: summarize([round(4, 4)]),
  'naive-apollo (bare)': summarize([round(20, 5)]),
};
const w1: ScenarioResult = { id: 'W1', title: 'a list', notes: ['a note of many words '.repeat(12)], contenders };
const result: BenchResult = {
  benchmark: 'bulkhead',
  startedAt: '2026-01-01T00:00:00.000Z',
  mode: 'quick',
  machine: { cpu: 'a processor', cores: 2, memoryGb: 4, kernel: '6' },
  versions: { bulkhead: '0', node: '20', postgres: '18' },
  postgresSettings: {},
  seed: {},
  rounds: 3,
  secondsPerRound: 1,
  connections: 10,
  targets: judgeTargets([w1]),
  scenarios: [w1],
};

describe('results', () => {
  it('are medians of the rounds', () => {
    expect(contenders.bulkhead.cpuMsPerRequest).toEqual({ gateway: 1, postgres: 1, total: 3 });
    expect(contenders.bulkhead.cpuMsTotalRange).toEqual([2, 4]);
    expect(contenders.bulkhead.operations).toEqual({ get: { p50Ms: 2, p99Ms: 9 }, list: { p50Ms: 2, p99Ms: 7 } });
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(percentile([5, 1, 4, 2, 3], 0.99)).toBe(5);
  });

  it('have the targets that were missed first', () => {
    expect(result.targets.map(({ against, ratio, met }) => [against, ratio, met])).toEqual([
      ['CPU of postgraphile', 0.375, false],
      ['CPU of raw', 1.5, false],
    ]);
  });

  it('name the tails of each operation of the mixed load', () => {
    const w7 = { 'bulkhead (restricted)': contenders.bulkhead, 'bulkhead (full)': contenders.raw };
    const targets = judgeTargets([{ ...w1, id: 'W7', contenders: w7 }]);
    expect(targets.map(({ against, ratio, met }) => [against, ratio, met])).toEqual([
      ['CPU of full keys', 1.5, false],
      ['p50 of get, for its p99', 4.5, false],
      ['p50 of list, for its p99', 3.5, true],
    ]);
  });

  it('fit a terminal of 100 columns, and a plot', () => {
    const lines = textReport(result).split('\n');
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines.join('\n')).toContain('MISSED  W1  0.3 × CPU of postgraphile');
    expect(plot(result)).toMatch(/^<svg .*naive-apollo \(bare\).*<\/svg>\n$/s);
  });
});

describe('the comparison of answers', () => {
  it.each([
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, undefined],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, undefined],
    [{ a: 0.1 + 0.2 }, { a: 0.3 }, undefined],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, 'data.a.1.b'],
    [{ a: [1] }, { a: [1, 2] }, 'data.a.1'],
    [{ a: null }, { a: {} }, 'data.a'],
    [{ a: [] }, { a: {} }, 'data.a'],
    [{ a: '1' }, { a: 1 }, 'data.a'],
    [{}, { a: 1 }, 'data.a'],
  ])('of %j and %j finds %s', (left, right, path) => {
    expect(difference(left, right)).toBe(path);
  });
});

describe('growth', () => {
  const bound = { part: 0.1, least: 5 };
  const series = (at: (index: number) => number) => Array.from({ length: 60 }, (_, index) => at(index));

  it('is a line that rises, not one that wavers, and not the warming up', () => {
    expect(
      judgeGrowth(
        series((index) => 100 + index),
        bound,
      ),
    ).toMatchObject({ gained: 39, isGrowing: true });
    expect(
      judgeGrowth(
        series((index) => 100 + (index % 2) * 20),
        bound,
      ).isGrowing,
    ).toBe(false);
    expect(
      judgeGrowth(
        series((index) => Math.min(100, index * 5)),
        bound,
      ).isGrowing,
    ).toBe(false);
    expect(
      judgeGrowth(
        series((index) => 1000 + index),
        bound,
      ).isGrowing,
    ).toBe(false);
  });
});
