import fc from 'fast-check';
import type { KeyKind } from './keys.js';

/** One request that sends the document of an operation. */
export interface Asking {
  readonly key: KeyKind;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly method: 'GET' | 'POST';
  readonly accept: 'application/json' | 'application/graphql-response+json';
}

/**
 * A document, and who asks for it: twice with other keys and other variables, so that what is remembered of a document
 * is used by somebody else.
 */
export class Operation {
  readonly document: string;
  readonly operationName: string | undefined;
  readonly askings: readonly Asking[];

  constructor(document: string, operationName: string | undefined, askings: readonly Asking[]) {
    this.document = document;
    this.operationName = operationName;
    this.askings = askings;
  }

  /** How fast-check shows it. */
  [fc.toStringMethod](): string {
    const askings = this.askings.map(describeAsking).join('\n');
    return `\n${this.document}\noperationName: ${this.operationName ?? '-'}\n${askings}\n`;
  }
}

/** An asking in one line. */
export function describeAsking({ key, variables, method, accept }: Asking): string {
  return `${method} (${accept}) with the key "${key}", variables ${JSON.stringify(variables)}`;
}
