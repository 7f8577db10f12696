import { type GraphQLInputType, isInputObjectType, isListType, isNonNullType } from 'graphql';

/** Stands for an input that does not fit, or that graphql-js has to judge. */
export const misfit: unique symbol = Symbol('misfit');

type Coerce = (value: unknown) => unknown;

/** Coercion by type; they live as long as the schema. */
const coercions = new WeakMap<GraphQLInputType, Coerce>();

/**
 * Coerces an input as `coerceInputValue` of graphql-js does, without noting where in it a fault would be: that is most of
 * its cost for a call with a thousand readings.
 * @returns the coerced value, or `misfit`; `coerceInputValue` then says what is wrong, if anything is
 */
export function coerceInput(value: unknown, type: GraphQLInputType): unknown {
  return coercionOf(type)(value);
}

function coercionOf(type: GraphQLInputType): Coerce {
  let coercion = coercions.get(type);
  if (coercion === undefined) {
    // An input type may contain itself: what is in it is looked up when it is met.
    coercion = isNonNullType(type) ? required(type.ofType) : nullable(type);
    coercions.set(type, coercion);
  }
  return coercion;
}

function required(type: GraphQLInputType): Coerce {
  return (value) => (value === undefined || value === null ? misfit : coerceInput(value, type));
}

function nullable(type: GraphQLInputType): Coerce {
  const coerce = present(type);
  return (value) => (value === undefined || value === null ? null : coerce(value));
}

function present(type: GraphQLInputType): Coerce {
  if (isListType(type)) return listOf(type.ofType);
  if (isInputObjectType(type)) return type.isOneOf ? () => misfit : objectOf(type);
  if (isNonNullType(type)) throw new Error('a type that is not null is not nullable');
  return (value) => {
    try {
      const parsed = type.parseValue(value);
      return parsed === undefined ? misfit : parsed;
    } catch {
      return misfit;
    }
  };
}

function listOf(type: GraphQLInputType): Coerce {
  return (value) => {
    const items: unknown[] = [];
    for (const item of Array.isArray(value) ? value : [value]) {
      const coerced = coerceInput(item, type);
      if (coerced === misfit) return misfit;
      items.push(coerced);
    }
    return items;
  };
}

function objectOf(type: { getFields(): Readonly<Record<string, Field>> }): Coerce {
  let fields: readonly Field[] | undefined;
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return misfit;
    fields ??= Object.values(type.getFields());
    const input = value as Readonly<Record<string, unknown>>;
    const coerced: Record<string, unknown> = Object.create(null);
    let found = 0;
    for (const { name, type: fieldType, defaultValue } of fields) {
      const given = input[name];
      if (given === undefined) {
        if (defaultValue !== undefined) coerced[name] = defaultValue;
        else if (isNonNullType(fieldType)) return misfit;
        continue;
      }
      found += 1;
      const inner = coerceInput(given, fieldType);
      if (inner === misfit) return misfit;
      coerced[name] = inner;
    }
    // A field that the type does not have, or one that is there and undefined.
    return Object.keys(input).length === found ? coerced : misfit;
  };
}

interface Field {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly defaultValue?: unknown;
}
