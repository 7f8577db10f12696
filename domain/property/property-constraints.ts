import type { PropertyConstraints, PropertyValueType } from '../../db/tables/definitions.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { requireText } from '../input/text.js';
import { compilePattern, maxPatternLength } from './pattern/compile-pattern.js';
import { PatternFault } from './pattern/pattern-fault.js';
import { maxTextLength } from './property-text.js';

/** Texts that `oneOf` may list at most. */
const maxChoices = 200;

/** Rules as an input gives them: null is as good as absent. */
export type PropertyConstraintsInput = {
  readonly [name in keyof PropertyConstraints]?: PropertyConstraints[name] | null | undefined;
};

const fitting: Readonly<Record<keyof PropertyConstraints, readonly PropertyValueType[]>> = {
  required: ['STRING', 'INT', 'DOUBLE', 'BOOL', 'JSON', 'DATETIME', 'ENUM'],
  min: ['INT', 'DOUBLE'],
  max: ['INT', 'DOUBLE'],
  minLength: ['STRING'],
  maxLength: ['STRING'],
  pattern: ['STRING'],
  oneOf: ['STRING', 'ENUM'],
};

/**
 * Rules that fit the value type and do not contradict each other.
 * @throws BulkheadError BAD_USER_INPUT that names the rule
 */
export function requireConstraints(
  field: string,
  valueType: PropertyValueType,
  input: PropertyConstraintsInput,
): PropertyConstraints {
  for (const [name, types] of Object.entries(fitting)) {
    const isGiven = (input[name as keyof PropertyConstraints] ?? undefined) !== undefined;
    if (isGiven && !types.includes(valueType))
      throw invalidInput(`${field}.${name}`, `is for ${types.join(' and ')} only`);
  }
  if (valueType === 'ENUM' && !input.oneOf) throw invalidInput(`${field}.oneOf`, 'is required for ENUM');
  const { min, max, minLength, maxLength, pattern, oneOf } = input;
  requireOrder(`${field}.min`, min, max, 'must not be greater than max');
  requireLength(`${field}.minLength`, minLength);
  requireLength(`${field}.maxLength`, maxLength);
  requireOrder(`${field}.minLength`, minLength, maxLength, 'must not be greater than maxLength');
  return {
    required: input.required ?? false,
    ...(min === null || min === undefined ? {} : { min }),
    ...(max === null || max === undefined ? {} : { max }),
    ...(minLength === null || minLength === undefined ? {} : { minLength }),
    ...(maxLength === null || maxLength === undefined ? {} : { maxLength }),
    ...(pattern === null || pattern === undefined ? {} : { pattern: requirePattern(`${field}.pattern`, pattern) }),
    ...(oneOf === null || oneOf === undefined ? {} : { oneOf: requireChoices(`${field}.oneOf`, oneOf) }),
  };
}

type Bound = number | null | undefined;

function requireOrder(field: string, low: Bound, high: Bound, reason: string): void {
  if ((low ?? Number.NEGATIVE_INFINITY) > (high ?? Number.POSITIVE_INFINITY)) throw invalidInput(field, reason);
}

function requireLength(field: string, length: Bound): void {
  if (length !== null && length !== undefined && (length < 0 || length > maxTextLength)) {
    throw invalidInput(field, `must be between 0 and ${maxTextLength}`);
  }
}

function requirePattern(field: string, pattern: string): string {
  const source = requireText(field, pattern, { max: maxPatternLength });
  try {
    compilePattern(source);
    return source;
  } catch (fault) {
    throw fault instanceof PatternFault ? invalidInput(field, fault.message) : fault;
  }
}

function requireChoices(field: string, choices: readonly string[]): readonly string[] {
  if (choices.length < 1 || choices.length > maxChoices)
    throw invalidInput(field, `must have 1 to ${maxChoices} entries`);
  const seen = new Set<string>();
  return choices.map((choice, index) => {
    const text = requireText(`${field}[${index}]`, choice, { max: 200 });
    if (seen.has(text)) throw invalidInput(`${field}[${index}]`, 'repeats an earlier entry');
    seen.add(text);
    return text;
  });
}
