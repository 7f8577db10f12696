import fc from 'fast-check';
import { type DocumentNode, type GraphQLSchema, Kind, type OperationDefinitionNode, parse, print } from 'graphql';
import { checkVariables } from '../../server/check-variables.js';
import { operationCost } from '../../server/operation-cost.js';
import type { Known } from './argument-values.js';
import { Choices } from './choices.js';
import { DocumentWriter, unstable } from './document-writer.js';
import { type KeyKind, keyWeights } from './keys.js';
import { type Asking, Operation } from './operation.js';
import { smallerOperations } from './smaller-operations.js';
import { writeWay } from './way-to-field.js';

/** Documents that are thrown away before one that is refused is asked after all. */
const maxAttempts = 40;

/** Tokens of a document at most. */
const maxTokens = 1000;

/** Of operations that ask for one field. */
const seed = 1;

const keyKinds = Object.entries(keyWeights).map(([kind, weight]) => [weight, kind as KeyKind] as const);

/** Random operations that read: valid but for a few whose selections conflict, and within the bounds of the gateway. */
export class OperationArbitrary extends fc.Arbitrary<Operation> {
  readonly #schema: GraphQLSchema;
  readonly #known: Known;
  readonly #coordinate: string | undefined;

  /** @param coordinate the one field to ask for, e.g. `Thing.name`, by the full key (default any fields, any key) */
  constructor(schema: GraphQLSchema, known: Known, coordinate?: string) {
    super();
    this.#schema = schema;
    this.#known = known;
    this.#coordinate = coordinate;
  }

  /** An operation that asks for a field, the same in every run. */
  reaching(coordinate: string): Operation {
    const [operation] = fc.sample(new OperationArbitrary(this.#schema, this.#known, coordinate), { seed, numRuns: 1 });
    if (operation === undefined) throw new Error('nothing was generated');
    return operation;
  }

  override generate(random: fc.Random): fc.Value<Operation> {
    const choices = new Choices(random);
    for (let attempt = 1; ; attempt++) {
      const operation = this.#write(choices);
      if (attempt === maxAttempts || this.#isGood(operation)) return new fc.Value(operation, undefined);
    }
  }

  override canShrinkWithoutContext(value: unknown): value is Operation {
    return value instanceof Operation;
  }

  override shrink(operation: Operation): fc.Stream<fc.Value<Operation>> {
    const smaller = new fc.Stream(smallerOperations(this.#schema, operation));
    return smaller.map((each) => new fc.Value(each, undefined));
  }

  #write(choices: Choices): Operation {
    if (this.#coordinate !== undefined) return this.#writeWay(choices, this.#coordinate);
    const writer = new DocumentWriter(this.#schema, choices, this.#known);
    const { document, operationName } = writer.write();
    const asking = (index: 0 | 1): Asking => ({
      key: choices.weighted(keyKinds),
      variables: writer.variablesOf(index),
      method: choices.chance(8) && document.length < 3000 ? 'GET' : 'POST',
      accept: choices.pick(['application/json', 'application/graphql-response+json']),
    });
    return new Operation(tidy(document), operationName, choices.chance(65) ? [asking(0)] : [asking(0), asking(1)]);
  }

  #writeWay(choices: Choices, coordinate: string): Operation {
    const way = writeWay(this.#schema, coordinate, unstable, { choices, known: this.#known });
    const asking = { key: 'full', variables: way.variablesOf(0), method: 'POST', accept: 'application/json' } as const;
    return new Operation(tidy(way.document), undefined, [asking]);
  }

  #isGood({ document, operationName, askings }: Operation): boolean {
    try {
      const parsed = parse(document, { maxTokens });
      const operation = operationOf(parsed, operationName);
      for (const { variables } of askings) {
        operationCost(this.#schema, parsed, operation, checkVariables(this.#schema, operation, variables));
      }
      return true;
    } catch {
      return false;
    }
  }
}

function tidy(document: string): string {
  return print(parse(document));
}

function operationOf(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const found = document.definitions.find(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION && (name === undefined || definition.name?.value === name),
  );
  return found as OperationDefinitionNode;
}
