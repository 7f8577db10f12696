import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import { invalidInput } from '../../errors/bulkhead-error.js';

/** What a name stands for in an expression. */
export type OperandType = 'double' | 'bool';

/** A checked expression: what it yields, and how to compute it from the values of its names. */
export interface CompiledExpression {
  readonly type: OperandType;
  /** Names that it uses. */
  readonly names: ReadonlySet<string>;
  /** Undefined where there is no number to answer with: divided by zero, or beyond the range of a double. */
  readonly compute: (values: Readonly<Record<string, number | boolean>>) => number | boolean | undefined;
}

/** Characters of one expression at most. */
const maxCharacters = 500;
const limits = { maxAstNodes: 200, maxDepth: 20, maxCallArguments: 8 };

/** Functions beside the operators; all on doubles. */
const functions: Readonly<Record<string, (...values: number[]) => number>> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  round: Math.round,
  sqrt: Math.sqrt,
};
const pairFunctions: Readonly<Record<string, (a: number, b: number) => number>> = { max: Math.max, min: Math.min };

/**
 * Operators that an expression may have. The language has more (texts, lists, macros over them, regular expressions):
 * with those a short expression could run for a long time, so they are refused.
 */
const allowed = new Set('+ - * / -_ !_ && || == != < <= > >= ?:'.split(' '));
const shown = '+ - * / ! && || == != < <= > >= and ? :';
const known = [...Object.keys(functions), ...Object.keys(pairFunctions)].sort();

const base = numericEnvironment();

/**
 * Compiles an expression in the Common Expression Language (https://github.com/google/cel-spec), reduced to arithmetic,
 * comparison, logic, `? :` and the functions abs, ceil, floor, round, sqrt, min and max. Numbers are doubles.
 * @param types the names that it may use
 * @throws BulkheadError BAD_USER_INPUT that says what is wrong
 */
export function compileExpression(
  field: string,
  expression: string,
  types: Readonly<Record<string, OperandType>>,
): CompiledExpression {
  if (expression.length > maxCharacters) throw invalidInput(field, `must have at most ${maxCharacters} characters`);
  const environment = base.clone();
  for (const [name, type] of Object.entries(types)) environment.registerVariable(name, type);
  const parsed = parse(field, environment, expression);
  const names = new Set<string>();
  requireAllowed(field, parsed.ast as unknown as Node, names);
  const checked = parsed.check();
  if (!checked.valid) throw invalidInput(field, reasonOf(checked.error));
  const { type } = checked;
  if (type !== 'double' && type !== 'bool') throw invalidInput(field, 'must yield a number or a boolean');
  return {
    type,
    names,
    compute: (values) => {
      const result = parsed(values) as number | boolean;
      return typeof result === 'boolean' || Number.isFinite(result) ? result : undefined;
    },
  };
}

function numericEnvironment(): Environment {
  const environment = new Environment({ limits });
  for (const [name, apply] of Object.entries(functions)) environment.registerFunction(`${name}(double): double`, apply);
  for (const [name, apply] of Object.entries(pairFunctions)) {
    environment.registerFunction(`${name}(double, double): double`, apply);
  }
  return environment;
}

function parse(field: string, environment: Environment, expression: string): ParseResult {
  try {
    return environment.parse(expression);
  } catch (error) {
    throw invalidInput(field, reasonOf(error));
  }
}

/** What is wrong and where. The library's own messages repeat parts of the expression, which a refusal never does. */
function reasonOf(error: unknown): string {
  const { message = '', range } = error as { message?: string; range?: { readonly start?: number } };
  const where = range?.start === undefined ? '' : ` (character ${range.start + 1})`;
  if (message.startsWith('Unknown variable')) return `uses a name that is no metric and no earlier variable${where}`;
  if (message.startsWith('no such overload')) return `mixes numbers and booleans${where}`;
  if (message.startsWith('Exceeded')) return `is too large or too deep${where}`;
  return `is no expression${where}`;
}

/** A node of the parsed expression. */
interface Node {
  readonly op: string;
  args: unknown;
}

/**
 * Refuses what is not allowed, collects names, and makes all numbers doubles: to the author there is one kind, and
 * `power * 2` needs no `2.0`.
 */
function requireAllowed(field: string, node: Node, names: Set<string>): void {
  const { op, args } = node;
  if (op === 'value') {
    if (typeof args === 'bigint') node.args = Number(args);
    else if (typeof args !== 'number' && typeof args !== 'boolean') {
      throw invalidInput(field, 'may hold numbers and booleans only');
    }
    return;
  }
  if (op === 'id') {
    names.add(String(args));
    return;
  }
  if (op === 'call') {
    const [name, operands] = args as readonly [string, readonly Node[]];
    if (!known.includes(name)) throw invalidInput(field, `may call ${known.join(', ')} only`);
    for (const operand of operands) requireAllowed(field, operand, names);
    return;
  }
  if (!allowed.has(op)) throw invalidInput(field, `may use ${shown} only`);
  for (const operand of Array.isArray(args) ? (args as Node[]) : [args as Node]) requireAllowed(field, operand, names);
}
