import {
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import type { Known } from '../seed.js';
import { type Args, type Coordinate, unmarked } from './positions.js';

/** An operation that asks for one field. */
export interface Operation {
  readonly document: string;
  readonly variables: Args;
  /** Where the field stands in the data. */
  readonly path: readonly string[];
}

/** How an object of each type whose fields have arguments is reached; a new such type needs an entry. */
const waysTo: Readonly<Record<string, (known: Known) => { path: readonly string[]; id: string }>> = {
  Site: ({ ids }) => ({ path: ['site'], id: ids.site }),
  Fleet: ({ ids }) => ({ path: ['fleet'], id: ids.fleet }),
  Place: ({ ids }) => ({ path: ['thing', 'place'], id: ids.thing }),
  Thing: ({ ids }) => ({ path: ['thing'], id: ids.thing }),
  ThingType: ({ ids }) => ({ path: ['thingType'], id: ids.thingType }),
};

/** Whether the sweep knows how to reach the type of a coordinate. */
export function isReachable({ type }: Coordinate): boolean {
  return type === 'Query' || type === 'Mutation' || Object.hasOwn(waysTo, type);
}

/** Asks for a coordinate, of an object of `known` where it is no field of a root type. */
export function operationOf(coordinate: Coordinate, known: Known, args: Args): Operation {
  const { type, field } = coordinate;
  const given = field.args.filter((argument) => argument.name in args);
  const call = `${field.name}${given.length === 0 ? '' : `(${given.map(({ name }) => `${name}: $${name}`).join(', ')})`}`;
  const definitions = given.map((argument) => `$${argument.name}: ${argument.type}`);
  const select = selectionOf(field.type, 1);
  const variables = unmarked(args) as Args;
  if (type === 'Query' || type === 'Mutation') {
    const head = definitions.length === 0 ? '' : `(${definitions.join(', ')})`;
    return { document: `${type.toLowerCase()} ${head} { ${call} ${select} }`, variables, path: [field.name] };
  }
  const way = waysTo[type]?.(known);
  if (way === undefined) throw new Error(`no way to an object of ${type}`);
  const [root = '', ...rest] = way.path;
  const inner = rest.reduceRight((selection, step) => `{ ${step} ${selection} }`, `{ id ${call} ${select} }`);
  return {
    document: `query ($root: ID!${definitions.map((definition) => `, ${definition}`).join('')}) { ${root}(id: $root) ${inner} }`,
    variables: { root: way.id, ...variables },
    path: [...way.path, field.name],
  };
}

/** Objects that hold nothing but a page: they do not count as a step from noun to noun. */
const isPlumbing = (name: string) => name.endsWith('Connection') || name.endsWith('Edge') || name === 'PageInfo';

/**
 * Everything that can be selected of a type without arguments, `depth` relations deep.
 */
export function selectionOf(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (!isObjectType(named) && !isInterfaceType(named)) return '';
  const parts = Object.values(named.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument)) return [];
    const inner = getNamedType(field.type);
    if (!isObjectType(inner) && !isInterfaceType(inner)) return [field.name];
    const left = isPlumbing(named.name) || isPlumbing(inner.name) ? depth : depth - 1;
    // Edges show the same rows as nodes, and a cursor each.
    if (inner.name.endsWith('Edge')) return [`${field.name} { cursor }`];
    return left < 0 ? [] : [`${field.name} ${selectionOf(field.type, left)}`];
  });
  return `{ ${parts.join(' ')} }`;
}

/**
 * Documents that together walk all relations from a field, `depth` of them one behind the other, each with everything
 * that can be selected of the last object.
 * @param argsOf the required arguments of a field, written out
 */
export function walksFrom(
  schema: GraphQLSchema,
  field: GraphQLField<unknown, unknown>,
  depth: number,
  argsOf: (type: string, field: GraphQLField<unknown, unknown>) => string,
): string[] {
  const named = getNamedType(field.type);
  if (!isObjectType(named) && !isInterfaceType(named)) return [field.name];
  const types = isInterfaceType(named) ? schema.getImplementations(named).objects : [named];
  const here = selectionOf(field.type, 0);
  if (depth === 0) return [here];
  const further = types.flatMap((type) =>
    Object.values(type.getFields()).flatMap((next) => {
      const inner = getNamedType(next.type);
      if (!isObjectType(inner) && !isInterfaceType(inner)) return [];
      if (inner.name.endsWith('Edge') || inner.name === 'PageInfo') return [];
      const left = isPlumbing(type.name) || isPlumbing(inner.name) ? depth : depth - 1;
      return walksFrom(schema, next, left, argsOf).map((rest) => {
        const step = `${next.name}${argsOf(type.name, next)} ${rest}`;
        return isInterfaceType(named) ? `{ ... on ${type.name} { ${step} } }` : `{ ${step} }`;
      });
    }),
  );
  return further.length === 0 ? [here] : further;
}
