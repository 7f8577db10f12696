import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { argumentsOf, type Known } from './argument-values.js';
import type { Choices } from './choices.js';
import { ArgumentWriter } from './write-arguments.js';

/** What stands under one place of the answer: what is selected there again must be the same call. */
interface Place {
  readonly calls: Map<string, { readonly text: string; readonly field: string; readonly below: Place }>;
}

/** Where a selection is written. */
interface Position {
  readonly type: GraphQLObjectType | GraphQLInterfaceType;
  readonly place: Place;
  /** Levels of selections so far; the bound of the gateway is 12. */
  readonly depth: number;
  /** How many objects there can be here. */
  readonly times: number;
}

/** Fields that are not asked for: their value depends on the moment of the request, or on what was asked before. */
export const unstable: ReadonlySet<string> = new Set([
  'RateLimit.remaining',
  'RateLimit.fullAfterMs',
  'Retention.oldest',
  'Query.retentionPreview',
  // A job measures it.
  'Query.dataPackage',
  // How far the audit log is sealed.
  'Query.auditCheckpoint',
  'Query.auditProof',
]);

/** How often a field is chosen, beside 1 for others: what the planner is for comes first. */
const weights: Readonly<Record<string, number>> = {
  ...{
    'Query.things': 14,
    'Query.thing': 10,
    'Query.sites': 12,
    'Query.site': 10,
    'Query.fleets': 6,
    'Query.fleet': 6,
  },
  ...{ 'Query.thingTypes': 8, 'Query.thingType': 6, 'Query.thingTypeVersion': 6, 'Query.metricDefinitions': 6 },
  ...{ 'Query.metricDefinition': 4, 'Query.integrations': 4, 'Query.integration': 4, 'Query.apiKeys': 3 },
  ...{ 'Query.organization': 4, 'Query.auditEvents': 3, 'Query.me': 2 },
  ...{ 'Thing.latest': 6, 'Thing.timeseries': 3, 'Thing.recentEvents': 2, 'Site.timeseries': 3, 'Fleet.timeseries': 3 },
};

const leafWeight = 2;
const objectWeight = 3;
/** Objects that one selection may ask for at most, so that an answer stays small. */
const maxTimes = 400;
/** Aliases that are written; the bound of the gateway is 15, and fragments multiply them. */
const maxAliases = 12;
/** Deepest selection that is not a leaf. */
const maxDepth = 11;

/** Writes random valid documents for a schema. One writer writes one document. */
export class DocumentWriter {
  readonly #schema: GraphQLSchema;
  readonly #choices: Choices;
  readonly #known: Known;
  readonly #arguments: ArgumentWriter;
  readonly #fragments: { readonly name: string; readonly on: string; readonly text: string }[] = [];
  #fieldsLeft: number;
  #aliasesLeft = maxAliases;
  #names = 0;

  constructor(schema: GraphQLSchema, choices: Choices, known: Known) {
    this.#schema = schema;
    this.#choices = choices;
    this.#known = known;
    this.#arguments = new ArgumentWriter(choices);
    this.#fieldsLeft = choices.weighted([
      [3, 6],
      [5, 20],
      [3, 60],
      [1, 120],
    ]);
  }

  /** The variables of an asking. */
  variablesOf(asking: 0 | 1): Record<string, unknown> {
    return this.#arguments.valuesOf(asking);
  }

  /** A document, and the name by which its operation is asked for. */
  write(): { document: string; operationName: string | undefined } {
    const choices = this.#choices;
    const type = this.#schema.getQueryType();
    if (!type) throw new Error('the schema has no queries');
    const selection = this.#selectionSet({ type, place: { calls: new Map() }, depth: 1, times: 1 });
    const definitions = this.#arguments.definitions();
    const fragments = this.#fragments.map(({ name, on, text }) => `fragment ${name} on ${on} ${text}`);
    const isNamed = choices.chance(50);
    const head = isNamed ? `query Asked${definitions} ` : definitions === '' ? '' : `query ${definitions} `;
    const others = isNamed && choices.chance(30) ? this.#otherOperations() : [];
    const parts = [head + selection, ...fragments, ...others];
    if (choices.chance(30)) parts.reverse();
    const needsName = others.length > 0 || (isNamed && choices.chance(50));
    return { document: parts.join('\n'), operationName: needsName ? 'Asked' : undefined };
  }

  /** Operations of the same document that are not asked for. */
  #otherOperations(): string[] {
    const never = ['query Other { me { name } }', 'query Third($id: ID!) { thing(id: $id) { id } }'];
    return this.#choices.chance(50)
      ? [this.#choices.pick(never)]
      : ['mutation Never { deleteThing(input: { id: "x" }) { id } }'];
  }

  #selectionSet(position: Position): string {
    const choices = this.#choices;
    const isPlumbing = /Connection$|Edge$/.test(position.type.name);
    const count =
      position.depth === 1
        ? choices.weighted([
            [6, 1],
            [3, 2],
            [1, choices.int(3, 8)],
          ])
        : choices.int(1, isPlumbing ? 3 : 6);
    return `{ ${Array.from({ length: count }, () => this.#selection(position)).join(' ')} }`;
  }

  #selection(position: Position): string {
    const choices = this.#choices;
    const write = choices.weighted<() => string>([
      [80, () => this.#field(position)],
      [4, () => '__typename'],
      [9, () => this.#inlineFragment(position)],
      [7, () => this.#spread(position)],
    ]);
    return write();
  }

  #field(position: Position): string {
    const { type, place, depth, times } = position;
    const choices = this.#choices;
    if (type.name === 'Query' && depth === 1 && choices.int(1, 200) === 1) return '__type(name: "Thing") { kind name }';
    const again = choices.chance(8)
      ? [...place.calls].filter(([name, { field }]) => name === field || this.#aliasesLeft > 0)
      : [];
    const chosen = again.length > 0 ? choices.pick(again) : undefined;
    const field = chosen === undefined ? this.#chooseField(position) : type.getFields()[chosen[1].field];
    if (field === undefined) return '__typename';
    this.#fieldsLeft -= 1;
    const [key, call] = chosen ?? this.#call(position, field);
    if (key !== field.name) this.#aliasesLeft -= 1;
    const text = `${key === field.name ? '' : `${key}: `}${call.text}${this.#directives()}`;
    const inner = getNamedType(field.type);
    if (!isObjectType(inner) && !isInterfaceType(inner)) return text;
    const below = { type: inner, place: call.below, depth: depth + 1, times: times * sizeOf(call.text, field) };
    return `${text} ${this.#selectionSet(below)}`;
  }

  /** A response key and the call that stands there. */
  #call({ type, place, times }: Position, field: GraphQLField<unknown, unknown>) {
    const choices = this.#choices;
    const plain = place.calls.get(field.name);
    if (plain !== undefined && this.#aliasesLeft <= 0) return [field.name, plain] as const;
    const isAliased = plain !== undefined || (this.#aliasesLeft > 0 && choices.chance(8));
    const key = isAliased ? this.#alias(field.name) : field.name;
    let args = '';
    if (field.args.length > 0) {
      const coordinate = `${type.name}.${field.name}`;
      const [one, other] = [0, 1].map(() => {
        const made = argumentsOf(coordinate, choices, this.#known);
        const { first } = made;
        return typeof first === 'number' && first <= 100 && first * times > maxTimes ? { ...made, first: 1 } : made;
      });
      args = this.#arguments.write(field, one ?? {}, other ?? {});
    }
    const call = { text: `${field.name}${args}`, field: field.name, below: { calls: new Map() } satisfies Place };
    place.calls.set(key, call);
    return [key, call] as const;
  }

  /** A new name, or one that another field has elsewhere. */
  #alias(fieldName: string): string {
    const choices = this.#choices;
    this.#names += 1;
    return choices.pick([`a${this.#names}`, `_${fieldName}${this.#names}`, `name${this.#names}`, `Z${this.#names}`]);
  }

  #chooseField({ type, depth, times }: Position): GraphQLField<unknown, unknown> | undefined {
    const isFull = this.#fieldsLeft <= 0 || depth >= maxDepth;
    const fields = Object.values(type.getFields()).flatMap((field): [number, GraphQLField<unknown, unknown>][] => {
      const coordinate = `${type.name}.${field.name}`;
      if (unstable.has(coordinate)) return [];
      if (isFull && depth > 1 && !isLeaf(field.type) && !isNeeded(type, field)) return [];
      // A series of each of many things takes a statement for each.
      if (/^(timeseries|recentEvents)$/.test(field.name) && times > 12) return [];
      return [[weights[coordinate] ?? (depth === 1 ? 1 : isLeaf(field.type) ? leafWeight : objectWeight), field]];
    });
    return fields.length === 0 ? undefined : this.#choices.weighted(fields);
  }

  #inlineFragment(position: Position): string {
    const choices = this.#choices;
    const on = choices.chance(30) ? undefined : choices.pick(this.#typesThatMeet(position.type));
    const text = this.#selectionSet({ ...position, type: on ?? position.type });
    return `...${on === undefined ? '' : ` on ${on.name}`}${this.#directives()} ${text}`;
  }

  #spread(position: Position): string {
    const choices = this.#choices;
    const types = this.#typesThatMeet(position.type);
    const known = this.#fragments.filter(({ on }) => types.some(({ name }) => name === on));
    if (known.length > 0 && choices.chance(40)) return `...${choices.pick(known).name}${this.#directives()}`;
    const type = choices.pick(types);
    const text = this.#selectionSet({ ...position, type });
    this.#names += 1;
    const name = `F${this.#names}`;
    this.#fragments.push({ name, on: type.name, text });
    return `...${name}${this.#directives()}`;
  }

  /** Types that an object of this one can also be of. */
  #typesThatMeet(
    type: GraphQLObjectType | GraphQLInterfaceType,
  ): readonly (GraphQLObjectType | GraphQLInterfaceType)[] {
    return isInterfaceType(type) ? [type, ...this.#schema.getPossibleTypes(type)] : [type, ...type.getInterfaces()];
  }

  #directives(): string {
    const choices = this.#choices;
    if (!choices.chance(7)) return '';
    const names = choices.weighted([
      [5, ['skip']],
      [5, ['include']],
      [1, ['skip', 'include']],
      [1, ['include', 'skip']],
    ]);
    return names.map((name) => ` @${name}(if: ${this.#arguments.condition()})`).join('');
  }
}

function isLeaf(type: GraphQLOutputType): boolean {
  const named = getNamedType(type);
  return !isObjectType(named) && !isInterfaceType(named);
}

/** Of a type that has no leaf, or none worth it, the objects stay. */
function isNeeded(type: GraphQLObjectType | GraphQLInterfaceType, field: GraphQLField<unknown, unknown>): boolean {
  return field.name === 'pageInfo' || !Object.values(type.getFields()).some((one) => isLeaf(one.type));
}

/** Rows that a call can answer: its page size where that is written out. */
function sizeOf(call: string, field: GraphQLField<unknown, unknown>): number {
  if (!field.args.some(({ name }) => name === 'first')) return 1;
  return Math.max(1, Math.min(100, Number(/first: (\d+)/.exec(call)?.[1] ?? 10)));
}
