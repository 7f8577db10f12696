import {
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { argumentsOf, type Known } from './argument-values.js';
import type { Choices } from './choices.js';
import { ArgumentWriter } from './write-arguments.js';

/** A selection on a way: a field, or that the object is of a type. */
type Step = { readonly on: string; readonly field: GraphQLField<unknown, unknown> } | { readonly type: string };

/** A document that selects one field and what is needed to get there. */
export interface WrittenWay {
  readonly document: string;
  /** The variables of an asking. */
  variablesOf(asking: 0 | 1): Record<string, unknown>;
}

/**
 * Writes the shortest way from the root to a field.
 * @param coordinate e.g. `Thing.name`
 * @param avoided fields that are not asked for
 * @throws Error where no query gets there
 */
export function writeWay(
  schema: GraphQLSchema,
  coordinate: string,
  avoided: ReadonlySet<string>,
  { choices, known }: { readonly choices: Choices; readonly known: Known },
): WrittenWay {
  const [typeName = '', fieldName = ''] = coordinate.split('.');
  const type = schema.getType(typeName);
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined;
  const steps = stepsTo(schema, typeName, avoided);
  if (field === undefined || steps === undefined) throw new Error(`no query gets to ${coordinate}`);
  const writer = new ArgumentWriter(choices);
  const texts = [...steps, { on: typeName, field }].map((step) => {
    if ('type' in step) return `... on ${step.type}`;
    if (step.field.args.length === 0) return step.field.name;
    const [one = {}, other = {}] = [0, 1].map(() => argumentsOf(`${step.on}.${step.field.name}`, choices, known));
    return `${step.field.name}${writer.write(step.field, one, other)}`;
  });
  const end = isCompositeType(getNamedType(field.type)) ? ' { __typename }' : '';
  const selection = `{ ${texts.join(' { ')}${end}${' }'.repeat(texts.length)}`;
  return { document: `query ${writer.definitions()} ${selection}`, variablesOf: (asking) => writer.valuesOf(asking) };
}

/** The least steps from the root to objects of a type; undefined if there are none. */
function stepsTo(schema: GraphQLSchema, wanted: string, avoided: ReadonlySet<string>): readonly Step[] | undefined {
  const ways = new Map<string, readonly Step[]>([['Query', []]]);
  // Types that are found on the way are looked at in their turn: those that are nearer first.
  for (const [name, steps] of ways) {
    const type = schema.getType(name);
    const reach = (next: string, step: Step) => {
      if (!ways.has(next)) ways.set(next, [...steps, step]);
    };
    if (isInterfaceType(type)) for (const each of schema.getPossibleTypes(type)) reach(each.name, { type: each.name });
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (!avoided.has(`${name}.${field.name}`)) reach(getNamedType(field.type).name, { on: name, field });
    }
  }
  return ways.get(wanted);
}
