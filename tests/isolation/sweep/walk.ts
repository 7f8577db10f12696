import { type GraphQLField, type GraphQLSchema, isRequiredArgument } from 'graphql';
import type { GraphqlClient } from '../../support/graphql-client.js';
import type { Seed } from '../seed.js';
import { leaksOf, type Shown, shownOf } from './attack.js';
import { walksOf } from './operation.js';
import { type Args, type Coordinate, onlyRequiredAnd } from './positions.js';
import { samples } from './samples.js';

const hourMs = 3_600_000;

/** What required arguments of relations are given, by name; one that is not here fails the walk. */
const relationArguments: Readonly<Record<string, string>> = {
  first: '3',
  start: JSON.stringify(new Date(Date.now() - hourMs)),
  end: JSON.stringify(new Date(Date.now() + hourMs)),
};

function argsOf(field: GraphQLField<unknown, unknown>): string {
  const required = field.args.filter(isRequiredArgument).map(({ name }) => {
    const value = relationArguments[name];
    if (value === undefined) throw new Error(`relation ${field.name}: what is ${name} to be?`);
    return `${name}: ${value}`;
  });
  return required.length === 0 ? '' : `(${required.join(', ')})`;
}

/** The required arguments of a coordinate, good for the organization of a seed. */
export async function requiredArgs(coordinate: Coordinate, own: Seed): Promise<Args> {
  const [sample] = samples[coordinate.name] ?? [];
  if (sample === undefined) throw new Error(`${coordinate.name} has no sample`);
  return onlyRequiredAnd(coordinate, (await sample(own))(), '');
}

/** What came of a walk. */
export interface Walk {
  /** Walks that failed, or that showed something of the other organization. */
  readonly faults: readonly string[];
  readonly answers: readonly Shown[];
}

/** Walks all relations from a query, three nouns deep, with the key of `client`. */
export async function walk(
  schema: GraphQLSchema,
  coordinate: Coordinate,
  client: GraphqlClient,
  own: Seed,
  other: Seed,
): Promise<Walk> {
  const { field } = coordinate;
  const literals = Object.entries(await requiredArgs(coordinate, own)).map(
    ([name, value]) => `${name}: ${JSON.stringify(value)}`,
  );
  const call = `${field.name}${literals.length === 0 ? '' : `(${literals.join(', ')})`}`;
  const faults: string[] = [];
  const answers: Shown[] = [];
  for (const selection of walksOf(schema, field.type, 2, argsOf)) {
    const document = `{ ${call} ${selection} }`;
    const answer = await client.send(document);
    const leaks = leaksOf(answer, other);
    if (leaks.length > 0) faults.push(`${document} shows ${leaks.join(', ')}`);
    if (answer.errors.length > 0 || answer.data[field.name] === null) faults.push(`${document}: ${answer.text}`);
    answers.push(shownOf(answer, '', own));
  }
  return { faults, answers };
}
