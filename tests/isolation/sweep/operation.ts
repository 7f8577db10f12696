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

/** How an object of each type whose fields have arguments is reached, or for one of them; a new such type needs an entry. */
const waysTo: Readonly<Record<string, (known: Known) => { path: readonly string[]; id: string }>> = {
  Site: ({ ids }) => ({ path: ['site'], id: ids.site }),
  Fleet: ({ ids }) => ({ path: ['fleet'], id: ids.fleet }),
  Place: ({ ids }) => ({ path: ['thing', 'place'], id: ids.thing }),
  Thing: ({ ids }) => ({ path: ['thing'], id: ids.thing }),
  Monitor: ({ ids }) => ({ path: ['monitor'], id: ids.monitor }),
  Template: ({ ids }) => ({ path: ['template'], id: ids.template }),
  // Only what sends has deliveries.
  'Integration.deliveries': ({ ids }) => ({ path: ['integration'], id: ids.egressIntegration }),
  Integration: ({ ids }) => ({ path: ['integration'], id: ids.integration }),
  ThingType: ({ ids }) => ({ path: ['thingType'], id: ids.thingType }),
};

const isRoot = (type: string) => ['Query', 'Mutation', 'Subscription'].includes(type);

/** Whether the sweep knows how to reach the type of a coordinate. */
export function isReachable({ type }: Coordinate): boolean {
  return isRoot(type) || Object.hasOwn(waysTo, type);
}

/** Asks for a coordinate, of an object of `known` where it is no field of a root type. */
export function operationOf(coordinate: Coordinate, known: Known, args: Args): Operation {
  const { type, field } = coordinate;
  const given = field.args.filter((argument) => argument.name in args);
  const call = `${field.name}${given.length === 0 ? '' : `(${given.map(({ name }) => `${name}: $${name}`).join(', ')})`}`;
  const definitions = given.map((argument) => `$${argument.name}: ${argument.type}`);
  const select = selectionOf(field.type, 1);
  const variables = unmarked(args) as Args;
  if (isRoot(type)) {
    const head = definitions.length === 0 ? '' : `(${definitions.join(', ')})`;
    return { document: `${type.toLowerCase()} ${head} { ${call} ${select} }`, variables, path: [field.name] };
  }
  const way = (waysTo[`${type}.${field.name}`] ?? waysTo[type])?.(known);
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
    const left = isPlumbing(named.name) ? depth : depth - 1;
    // Edges show the same rows as nodes, and a cursor each.
    if (inner.name.endsWith('Edge')) return [`${field.name} { cursor }`];
    return left < 0 ? [] : [`${field.name} ${selectionOf(field.type, left)}`];
  });
  return `{ ${parts.join(' ')} }`;
}

/**
 * Selections that together walk all relations of a type, `depth` of them one behind the other, with everything else that
 * can be selected on the way.
 * @param argsOf the arguments of a field, written out
 */
export function walksOf(
  schema: GraphQLSchema,
  type: GraphQLOutputType,
  depth: number,
  argsOf: (field: GraphQLField<unknown, unknown>) => string,
): string[] {
  const named = getNamedType(type);
  if (isInterfaceType(named)) {
    const { objects } = schema.getImplementations(named);
    return objects.flatMap((object) =>
      walksOf(schema, object, depth, argsOf).map((walk) => `{ ... on ${object.name} ${walk} }`),
    );
  }
  if (!isObjectType(named)) return [''];
  const fields = Object.values(named.getFields());
  const plain = fields.filter((field) => selectionOf(field.type, 0) === '').map(({ name }) => name);
  const further = fields.flatMap((field) => {
    const inner = getNamedType(field.type).name;
    if (plain.includes(field.name) || inner.endsWith('Edge') || inner === 'PageInfo') return [];
    const left = isPlumbing(named.name) ? depth : depth - 1;
    if (left < 0) return [];
    return walksOf(schema, field.type, left, argsOf).map((walk) => `${field.name}${argsOf(field)} ${walk}`);
  });
  return further.length === 0 ? [`{ ${plain.join(' ')} }`] : further.map((step) => `{ ${plain.join(' ')} ${step} }`);
}
