import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Args } from './argument-values.js';
import type { Choices } from './choices.js';

/** A variable of a document, with its value in each of the two askings; absent where it is not given. */
interface Variable {
  readonly type: string;
  readonly defaultText: string | undefined;
  readonly values: readonly { readonly given: boolean; readonly value: unknown }[];
}

/** A value for each of the two askings; undefined is absent. */
type Pair = readonly [unknown, unknown];

/** Percent of values that come by a variable. */
const variablePercent = 35;

/** Writes arguments, as literals or by variables, and keeps the variables. */
export class ArgumentWriter {
  readonly #choices: Choices;
  readonly #variables = new Map<string, Variable>();

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  /** The arguments of a field in parentheses; nothing if there are none. */
  write(field: GraphQLField<unknown, unknown>, one: Args, other: Args): string {
    const parts = field.args.flatMap(({ name, type }) =>
      name in one ? [`${name}: ${this.#value(type, [one[name], other[name]])}`] : [],
    );
    if (this.#choices.chance(20)) parts.reverse();
    return parts.length === 0 ? '' : `(${parts.join(', ')})`;
  }

  /** Text for a condition of `@skip` or `@include`. */
  condition(): string {
    const choices = this.#choices;
    if (choices.chance(40)) return String(choices.chance(50));
    const known = [...this.#variables].filter(([, { type }]) => type.startsWith('Boolean'));
    if (known.length > 0 && choices.chance(50)) return `$${choices.pick(known)[0]}`;
    const absent = choices.chance(20);
    return this.#variable(absent ? 'Boolean' : 'Boolean!', absent ? String(choices.chance(50)) : undefined, [
      absent ? undefined : choices.chance(50),
      choices.chance(50),
    ]);
  }

  /** The definitions of all variables in parentheses; nothing if there are none. */
  definitions(): string {
    if (this.#variables.size === 0) return '';
    const parts = [...this.#variables].map(
      ([name, { type, defaultText }]) => `$${name}: ${type}${defaultText === undefined ? '' : ` = ${defaultText}`}`,
    );
    return `(${parts.join(', ')})`;
  }

  /** The variables of an asking. */
  valuesOf(asking: 0 | 1): Record<string, unknown> {
    return Object.fromEntries(
      [...this.#variables].flatMap(([name, { values }]) => {
        const chosen = values[asking];
        return chosen?.given === true ? [[name, chosen.value]] : [];
      }),
    );
  }

  #value(type: GraphQLInputType, [one, other]: Pair): string {
    const choices = this.#choices;
    // Half a pair of surrogates cannot be written in a document.
    const mustVary = typeof one === 'string' && !one.isWellFormed();
    if (mustVary || choices.chance(variablePercent)) return this.#byVariable(type, [one, other]);
    const bare = getNullableType(type);
    if (one === null || one === undefined) return 'null';
    if (isListType(bare) && Array.isArray(one)) {
      const others = Array.isArray(other) ? other : [];
      // A list of one may be written as its entry.
      if (one.length === 1 && choices.chance(15)) return this.#value(bare.ofType, [one[0], others[0]]);
      return `[${one.map((entry, index) => this.#value(bare.ofType, [entry, others[index]])).join(', ')}]`;
    }
    if (isInputObjectType(bare) && typeof one === 'object') {
      const fields = Object.entries(bare.getFields()).flatMap(([name, field]) =>
        name in one ? [`${name}: ${this.#value(field.type, [at(one, name), at(other, name)])}`] : [],
      );
      return `{ ${fields.join(', ')} }`;
    }
    return literal(bare as GraphQLNamedInputType, one);
  }

  #byVariable(type: GraphQLInputType, values: Pair): string {
    const choices = this.#choices;
    const [one, other] = values;
    if (isNonNullType(type)) {
      const both: Pair = [one, other ?? one];
      const [defaultValue] = both;
      const isPlain =
        typeof defaultValue === 'number' || (typeof defaultValue === 'string' && defaultValue.isWellFormed());
      if (!isPlain || choices.chance(80)) return this.#variable(String(type), undefined, both);
      // A nullable variable with a default may stand here too, and need not be given.
      const text = literal(getNullableType(type) as GraphQLNamedInputType, defaultValue);
      return this.#variable(String(type.ofType), text, [choices.chance(50) ? undefined : one, both[1]]);
    }
    if (one !== null && one !== undefined && other !== null && other !== undefined && choices.chance(30)) {
      return this.#variable(`${type}!`, undefined, values);
    }
    const isAbsent = choices.chance(15);
    return this.#variable(String(type), choices.chance(15) ? 'null' : undefined, [isAbsent ? undefined : one, other]);
  }

  #variable(type: string, defaultText: string | undefined, values: Pair): string {
    const name = `v${this.#variables.size}`;
    this.#variables.set(name, {
      type,
      defaultText,
      values: values.map((value) => ({ given: value !== undefined, value })),
    });
    return `$${name}`;
  }
}

function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function literal(type: GraphQLNamedInputType, value: unknown): string {
  return isEnumType(type) ? String(value) : JSON.stringify(value);
}
