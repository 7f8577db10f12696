import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileExpression } from '../../../domain/monitor/compile-expression.js';
import { type EvaluationRule, evaluateThing, type ThingReadings } from '../../../domain/monitor/evaluate-thing.js';

const minuteMs = 60_000;
type Alert = EvaluationRule['alerts'][number];
const alert = (change: Partial<Alert> = {}): Alert => ({
  id: 'alt_1',
  operand: 'power',
  aggregation: 'MAX',
  operator: 'GT',
  threshold: 10,
  forTicks: 1,
  ...change,
});
const rule = (
  alerts: readonly Alert[],
  missingData: EvaluationRule['metrics'][number]['missingData'] = 'NO_INFILL',
) => ({
  metrics: [{ name: 'power', missingData, type: 'double' as const }],
  variables: [{ name: 'twice', compiled: compileExpression('twice', 'power * 2', { power: 'double' }) }],
  alerts,
});
/** Readings in bins of a minute; undefined where there is none. */
function readings(column: readonly (number | undefined)[], before?: number): ThingReadings {
  const binsMs = column.map((_, index) => index * minuteMs);
  const values = new Map(
    column.flatMap((value, index) => (value === undefined ? [] : [[index * minuteMs, value] as const])),
  );
  return {
    binsMs,
    values: new Map([['power', values]]),
    before: new Map(before === undefined ? [] : [['power', before]]),
  };
}
const none = new Set<string>();

describe('evaluateThing', () => {
  it.each([
    ['FIRST', 3],
    ['LAST', 7],
    ['MIN', 3],
    ['MAX', 7],
    ['SUM', 15],
    ['AVG', 5],
    ['COUNT', 3],
  ] as const)('makes %s of the bins that have a value', (aggregation, expected) => {
    const compared = alert({ aggregation, operator: 'EQ', threshold: expected });
    const found = evaluateThing(rule([compared]), readings([undefined, 3, 5, undefined, 7]), {}, none);
    expect([...found.tripped]).toEqual([['alt_1', expected]]);
  });

  it.each([
    ['GT', 4],
    ['GTE', 5],
    ['LT', 6],
    ['LTE', 5],
    ['EQ', 5],
    ['NEQ', 4],
  ] as const)('compares by %s', (operator, threshold) => {
    const health = (value: number) =>
      evaluateThing(rule([alert({ operator, threshold: value })]), readings([5]), {}, none).health;
    expect(health(threshold)).toBe('UNHEALTHY');
    const opposite = { GT: 5, GTE: 6, LT: 5, LTE: 4, EQ: 4, NEQ: 5 }[operator];
    expect(health(opposite)).toBe('HEALTHY');
  });

  it('fills in by the policy of the metric', () => {
    const sum = (policy: Parameters<typeof rule>[1], before?: number) => {
      const found = evaluateThing(
        rule([alert({ operand: 'twice', aggregation: 'SUM', operator: 'GTE', threshold: -1e9 })], policy),
        readings([undefined, 1, undefined, 4], before),
        {},
        none,
      );
      return found.tripped.get('alt_1');
    };
    expect(sum('NO_INFILL')).toBe(10);
    expect(sum('INFILL_ZERO')).toBe(10);
    expect(sum('INFILL_LAST_VALUE')).toBe(12);
    expect(sum('INFILL_LAST_VALUE', 8)).toBe(28);
    const count = alert({ aggregation: 'COUNT', operator: 'EQ', threshold: 4 });
    expect(evaluateThing(rule([count], 'INFILL_ZERO'), readings([undefined, 1, undefined, 4]), {}, none).health).toBe(
      'UNHEALTHY',
    );
    expect(evaluateThing(rule([count]), readings([undefined, 1, undefined, 4]), {}, none).health).toBe('HEALTHY');
  });

  it('trips after as many ticks in a row as it is told, and not before', () => {
    const rules = rule([alert({ forTicks: 3 })]);
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 30 }), (holds) => {
        let ticks: Readonly<Record<string, number>> = {};
        let run = 0;
        for (const held of holds) {
          run = held ? run + 1 : 0;
          const found = evaluateThing(rules, readings([held ? 11 : 9]), ticks, none);
          expect(found.tripped.has('alt_1')).toBe(run >= 3);
          ticks = found.ticks;
        }
      }),
    );
  });

  it('decides nothing without data: what was tripped stays, what was not does not trip', () => {
    const empty = readings([undefined, undefined]);
    const before = evaluateThing(rule([alert()]), empty, { alt_1: 0 }, none);
    expect(before).toMatchObject({ health: 'UNKNOWN', dataState: 'NO_DATA' });
    const open = evaluateThing(rule([alert()]), empty, { alt_1: 1 }, new Set(['alt_1']));
    expect(open).toMatchObject({ health: 'UNHEALTHY', dataState: 'NO_DATA', ticks: { alt_1: 1 } });
    expect([...open.tripped]).toEqual([['alt_1', undefined]]);
    const silent = alert({ aggregation: 'COUNT', operator: 'LT', threshold: 1 });
    expect(evaluateThing(rule([silent]), empty, {}, none).health).toBe('UNHEALTHY');
  });
});
