import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { Mark } from './marks.js';

/** A field that can be asked for: of a root type, or with arguments of its own. */
export interface Coordinate {
  /** `Type.field`. */
  readonly name: string;
  readonly type: string;
  readonly field: GraphQLField<unknown, unknown>;
}

/** Arguments as a sample writes them: texts that are no ids are marked with what they are. */
export type Args = Readonly<Record<string, unknown>>;

/** Scalars in which an id, a name or a cursor can stand. */
const carrying = new Set(['ID', 'String', 'JSON', 'JSONObject']);
/** Scalars in which none can. A scalar in neither list fails the sweep, until it is decided. */
const harmless = new Set(['Int', 'Float', 'Boolean', 'DateTime', 'EpochMillis', 'MetricValue']);

/** All fields of the root types, and all fields with arguments of other types. */
export function coordinatesOf(schema: GraphQLSchema): Coordinate[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!(isObjectType(type) || isInterfaceType(type)) || type.name.startsWith('__')) return [];
    return Object.values(type.getFields())
      .filter((field) => field.args.length > 0 || roots.includes(type as never))
      .map((field) => ({ name: `${type.name}.${field.name}`, type: type.name, field }));
  });
}

/** Places of a field's arguments in which an id, a name or a cursor can stand, e.g. `input.things.0.thingId`. */
export function positionsOf({ name, field }: Coordinate): { path: string; scalar: string }[] {
  const walk = (type: GraphQLInputType, path: string): { path: string; scalar: string }[] => {
    const nullable = getNullableType(type);
    if (isListType(nullable)) return walk(nullable.ofType, `${path}.0`);
    if (isInputObjectType(nullable)) {
      return Object.values(nullable.getFields()).flatMap((inner) => walk(inner.type, `${path}.${inner.name}`));
    }
    if (isEnumType(nullable) || harmless.has(nullable.name)) return [];
    if (!carrying.has(nullable.name)) throw new Error(`${name}(${path}): is ${nullable.name} able to carry an id?`);
    return [{ path, scalar: nullable.name }];
  };
  return field.args.flatMap((argument) => walk(argument.type, argument.name));
}

/** Whether a place holds the cursor of a list. */
export function isCursor({ field }: Coordinate, path: string): boolean {
  return path === 'after' && field.args.some((argument) => argument.name === 'first');
}

/** What stands at a place of some arguments. */
export function valueAt(args: Args, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Args | undefined)?.[key], args);
}

/** The arguments with another value at a place; of a marked JSON object, with another name in it. */
export function replaceAt(args: Args, path: string, value: string): Args {
  const [key = '', ...rest] = path.split('.');
  const set = (before: unknown): unknown => {
    if (rest.length > 0) return replaceAt(before as Args, rest.join('.'), value);
    if (!(before instanceof Mark)) return value;
    if (before.write !== undefined) return before.write(value);
    if (before.kind === 'keys') return { [value]: Object.values(before.value as object)[0] };
    return typeof before.value === 'string' ? value : { [value]: value };
  };
  if (Array.isArray(args)) {
    return args.map((entry, index) => (String(index) === key ? set(entry) : entry)) as unknown as Args;
  }
  return { ...args, [key]: set(args[key]) };
}

/** The arguments as they are sent. */
export function unmarked(value: unknown): unknown {
  if (value instanceof Mark) return value.value;
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(unmarked);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unmarked(inner)]));
}

/**
 * Only what is required, and what lies on the way to a place: conditions of a filter add up, so beside others that name
 * own rows a foreign one would find nothing even if it could.
 */
export function onlyRequiredAnd(coordinate: Coordinate, args: Args, keep: string): Args {
  const prune = (
    fields: readonly (GraphQLArgument | GraphQLInputField)[],
    values: Args,
    [next, ...rest]: readonly string[],
  ): Args =>
    Object.fromEntries(
      Object.entries(values).flatMap(([key, value]) => {
        const field = fields.find((candidate) => candidate.name === key);
        if (field === undefined) throw new Error(`${coordinate.name} has no ${key}`);
        const isRequired = isNonNullType(field.type) && field.defaultValue === undefined;
        if (key !== next && !isRequired) return [];
        const type = getNamedType(field.type);
        const isObject = isInputObjectType(type) && !Array.isArray(value) && !(value instanceof Mark);
        return [
          [
            key,
            isObject ? prune(Object.values(type.getFields()), value as Args, key === next ? rest : []) : value,
          ] as const,
        ];
      }),
    );
  return prune(coordinate.field.args, args, keep.split('.'));
}
