import type { MonitorAlertRow, MonitorMetricRow, MonitorStateRow } from '../../db/tables/monitors.js';
import type { CompiledExpression, OperandType } from './compile-expression.js';

/** A value of a bin: numbers as doubles. */
export type OperandValue = number | boolean;

/** What a monitor computes for each of its things. */
export interface EvaluationRule {
  readonly metrics: readonly (Pick<MonitorMetricRow, 'name' | 'missingData'> & { readonly type: OperandType })[];
  readonly variables: readonly { readonly name: string; readonly compiled: CompiledExpression }[];
  readonly alerts: readonly Pick<
    MonitorAlertRow,
    'id' | 'operand' | 'aggregation' | 'operator' | 'threshold' | 'forTicks'
  >[];
}

/** Readings of one thing in a window. */
export interface ThingReadings {
  /** Start of each bin of the window, epoch ms, oldest first. */
  readonly binsMs: readonly number[];
  /** By the name of the metric: values by the start of their bin. */
  readonly values: ReadonlyMap<string, ReadonlyMap<number, OperandValue>>;
  /** By the name of the metric: the last value before the window, where there is one and it is asked for. */
  readonly before: ReadonlyMap<string, OperandValue>;
}

/** What a tick found of one thing. */
export interface ThingFinding {
  readonly health: MonitorStateRow['health'];
  readonly dataState: MonitorStateRow['dataState'];
  /** For how many ticks in a row each alert's condition has held, this one included. */
  readonly ticks: Readonly<Record<string, number>>;
  /** Alerts that are tripped after this tick, with the value that was compared; undefined where none could be. */
  readonly tripped: ReadonlyMap<string, number | undefined>;
}

/**
 * Evaluates a tick for one thing: metrics are filled in where they are missing, variables computed bin by bin, alerts
 * compare one value made of all bins. A condition whose operand has no value in the window is not decided: what it was
 * before stays.
 * @param ticks those of the tick before
 * @param open alerts that were tripped before
 */
export function evaluateThing(
  rule: EvaluationRule,
  readings: ThingReadings,
  ticks: Readonly<Record<string, number>>,
  open: ReadonlySet<string>,
): ThingFinding {
  const columns = operandColumns(rule, readings);
  const newTicks: Record<string, number> = {};
  const tripped = new Map<string, number | undefined>();
  let isUndecided = false;
  for (const alert of rule.alerts) {
    const values = (columns.get(alert.operand) ?? []).filter((value) => value !== undefined).map(Number);
    const value = aggregate(alert.aggregation, values);
    const before = ticks[alert.id] ?? 0;
    if (value === undefined) {
      isUndecided = true;
      newTicks[alert.id] = before;
      if (open.has(alert.id)) tripped.set(alert.id, undefined);
      continue;
    }
    // One tick more than needed is as good as any number.
    const held = compare(alert.operator, value, alert.threshold) ? Math.min(before + 1, alert.forTicks) : 0;
    newTicks[alert.id] = held;
    if (held >= alert.forTicks) tripped.set(alert.id, value);
  }
  const health = tripped.size > 0 ? 'UNHEALTHY' : isUndecided ? 'UNKNOWN' : 'HEALTHY';
  return { health, dataState: dataStateOf(rule, readings), ticks: newTicks, tripped };
}

type Column = readonly (OperandValue | undefined)[];

/** Every operand, bin by bin. */
function operandColumns(rule: EvaluationRule, { binsMs, values, before }: ThingReadings): Map<string, Column> {
  const columns = new Map<string, Column>();
  for (const { name, missingData, type } of rule.metrics) {
    const reported = values.get(name);
    let last = before.get(name);
    columns.set(
      name,
      binsMs.map((startMs) => {
        const value = reported?.get(startMs);
        if (value !== undefined) last = value;
        if (value !== undefined || missingData === 'NO_INFILL') return value;
        if (missingData === 'INFILL_LAST_VALUE') return last;
        return type === 'bool' ? false : 0;
      }),
    );
  }
  for (const { name, compiled } of rule.variables) {
    columns.set(
      name,
      binsMs.map((_, index) => {
        const inputs: Record<string, OperandValue> = {};
        for (const operand of compiled.names) {
          const value = columns.get(operand)?.[index];
          if (value === undefined) return undefined;
          inputs[operand] = value;
        }
        return compiled.compute(inputs);
      }),
    );
  }
  return columns;
}

/** OK: every metric was reported within the window; STALE: some were; NO_DATA: none was. */
function dataStateOf(rule: EvaluationRule, { values }: ThingReadings): ThingFinding['dataState'] {
  const reported = rule.metrics.filter(({ name }) => (values.get(name)?.size ?? 0) > 0).length;
  if (reported === 0) return 'NO_DATA';
  return reported === rule.metrics.length ? 'OK' : 'STALE';
}

/** One value of all bins that have one; undefined where none has, but for COUNT. */
function aggregate(aggregation: MonitorAlertRow['aggregation'], values: readonly number[]): number | undefined {
  const [first] = values;
  if (first === undefined) return aggregation === 'COUNT' ? 0 : undefined;
  const value = aggregated(aggregation, first, values);
  return Number.isFinite(value) ? value : undefined;
}

function aggregated(aggregation: MonitorAlertRow['aggregation'], first: number, values: readonly number[]): number {
  const sum = () => values.reduce((total, value) => total + value, 0);
  switch (aggregation) {
    case 'FIRST':
      return first;
    case 'LAST':
      return values.at(-1) ?? first;
    case 'SUM':
      return sum();
    case 'AVG':
      return sum() / values.length;
    case 'MIN':
      return Math.min(...values);
    case 'MAX':
      return Math.max(...values);
    case 'COUNT':
      return values.length;
  }
}

function compare(operator: MonitorAlertRow['operator'], value: number, threshold: number): boolean {
  switch (operator) {
    case 'GT':
      return value > threshold;
    case 'GTE':
      return value >= threshold;
    case 'LT':
      return value < threshold;
    case 'LTE':
      return value <= threshold;
    case 'EQ':
      return value === threshold;
    case 'NEQ':
      return value !== threshold;
  }
}
