import { arrayLiteral } from '../../db/array-literal.js';
import type { MonitorMetricRow, MonitorVariable } from '../../db/tables/monitors.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import type { TelemetryMetric } from '../../telemetry/metric.js';
import { isDefinitionId } from '../input/id.js';
import { compileExpression, type OperandType } from './compile-expression.js';

/** A metric that a monitor reads. */
export interface MonitorMetricInput {
  readonly metricId: string;
  /** Name in expressions; by default that of the metric, with `_` for each `.` and `-`. */
  readonly name?: string | null | undefined;
  readonly missingData?: MonitorMetricRow['missingData'] | null | undefined;
}

/** A checked metric of a monitor. */
export type CheckedMetric = Pick<MonitorMetricRow, 'metricId' | 'name' | 'missingData'>;

/** Types of the names that alerts may compare. */
export type Operands = Readonly<Record<string, OperandType>>;

/** Metrics of one monitor at most. */
const maxMetrics = 20;
/** Variables of one monitor at most. */
const maxVariables = 20;

const nameForm = /^[A-Za-z][A-Za-z0-9_]{0,99}$/;
/** Words of the Common Expression Language (cel-spec, "Syntax") that name nothing. */
const reserved = new Set(
  (
    'as break const continue else false for function if import in let loop namespace null package return true var ' +
    'void while'
  ).split(' '),
);

/**
 * The metrics of a monitor, each active, with a name of its own and values that can be compared.
 * @throws BulkheadError BAD_USER_INPUT
 */
export async function requireMonitorMetrics(
  tx: OrgTransaction,
  input: readonly MonitorMetricInput[],
): Promise<{ metrics: CheckedMetric[]; operands: Operands }> {
  const field = 'input.metrics';
  if (input.length < 1 || input.length > maxMetrics) {
    throw invalidInput(field, `must have 1 to ${maxMetrics} entries`);
  }
  const ids = input.map(({ metricId }) => metricId).filter((id) => isDefinitionId(id, 'mdef'));
  const rows = await tx.sql<MetricType[]>`
    select id, name, data_type as "dataType", default_aggregation as "defaultAggregation"
    from app.metric_types(${arrayLiteral(ids)}::text[])`;
  const known = new Map(rows.map((row) => [row.id, row]));
  const operands: Record<string, OperandType> = {};
  const metrics = input.map((each, index): CheckedMetric => {
    const metric = known.get(each.metricId);
    if (metric === undefined) throw invalidInput(`${field}[${index}].metricId`, 'is not an active metric');
    const type = operandType(metric);
    if (type === undefined) {
      throw invalidInput(`${field}[${index}].metricId`, 'holds texts or JSON: only COUNT of these can be compared');
    }
    const name = requireOperandName(
      `${field}[${index}].name`,
      each.name ?? metric.name.replace(/[.-]/g, '_'),
      operands,
    );
    operands[name] = type;
    return { metricId: metric.id, name, missingData: each.missingData ?? 'NO_INFILL' };
  });
  return { metrics, operands };
}

type MetricType = Pick<TelemetryMetric, 'id' | 'name' | 'dataType' | 'defaultAggregation'>;

/** What the values of a metric are in expressions; undefined where they are neither numbers nor booleans. */
export function operandType({
  dataType,
  defaultAggregation,
}: Pick<TelemetryMetric, 'dataType' | 'defaultAggregation'>): OperandType | undefined {
  if (defaultAggregation === 'COUNT' || dataType === 'INT' || dataType === 'DOUBLE') return 'double';
  return dataType === 'BOOL' ? 'bool' : undefined;
}

/**
 * The variables of a monitor: each may use metrics and the variables before it.
 * @throws BulkheadError BAD_USER_INPUT
 */
export function requireVariables(
  input: readonly MonitorVariable[],
  metrics: Operands,
): { variables: MonitorVariable[]; operands: Operands } {
  const field = 'input.variables';
  if (input.length > maxVariables) throw invalidInput(field, `must have at most ${maxVariables} entries`);
  const operands: Record<string, OperandType> = { ...metrics };
  const variables = input.map(({ name, expression }, index) => {
    requireOperandName(`${field}[${index}].name`, name, operands);
    operands[name] = compileExpression(`${field}[${index}].expression`, expression, operands).type;
    return { name, expression };
  });
  return { variables, operands };
}

function requireOperandName(field: string, name: string, taken: Operands): string {
  if (!nameForm.test(name)) {
    throw invalidInput(field, 'must be 1 to 100 letters, digits and "_", starting with a letter');
  }
  if (reserved.has(name)) throw invalidInput(field, 'is a word of the expression language: give another name');
  if (Object.hasOwn(taken, name)) throw invalidInput(field, 'is taken: give another name');
  return name;
}
