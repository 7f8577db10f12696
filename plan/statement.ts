import type { FieldNode } from 'graphql';
import type { ErrorCode } from '../errors/error-codes.js';
import type { Binding } from './binding.js';
import { hole } from './hole.js';
import type { ListBinder } from './list-binder.js';
import type { Row } from './row.js';
import type { TelemetryField } from './telemetry-field.js';
import { Unplannable } from './unplannable.js';

/**
 * UTF-16 units of a statement at most: what is longer takes longer to plan than the resolvers take to answer, and an
 * interface that is nested in itself doubles the text with each level.
 */
const maxLength = 65_536;

/** An error that a row, or the lack of one, stands for. */
export interface PlannedError {
  readonly code: ErrorCode;
  readonly message: string;
  /** Selections of the field, for the locations of the error. */
  readonly nodes: readonly FieldNode[];
}

/** A parameter of the statement. */
export type Parameter = (binding: Binding) => string | number | null;

/** The one statement of an operation while it is compiled, and what its answer refers to by number. */
export class Statement {
  readonly errors: PlannedError[] = [];
  readonly lists: ListBinder[] = [];
  readonly telemetry: TelemetryField[] = [];
  /** Queries for the ids of things whose metrics the telemetry fields need. */
  readonly things: string[] = [];
  /** SQL of the objects of metrics that are selected below telemetry fields, over the table `metrics`. */
  readonly metricObjects: string[] = [];
  readonly parameters: Parameter[] = [({ orgId }) => orgId];
  readonly #tables: string[] = [];
  #names = 0;
  #length = 0;

  /** A name that is not taken. */
  name(prefix: string): string {
    this.#names += 1;
    return `${prefix}${this.#names}`;
  }

  /** A parameter; the first one is the organization. */
  parameter(parameter: Parameter): string {
    this.parameters.push(parameter);
    return `$${this.parameters.length}`;
  }

  /** Adds a common table expression. */
  table(name: string, query: string): void {
    this.#length += query.length;
    this.#requireShort();
    this.#tables.push(`${name} as materialized (${query})`);
  }

  /** What to select rows from once all that needs them is compiled. */
  source(row: Row, query: string): string {
    if (!row.isShared) return `(${query}) ${row.alias}${row.joins}`;
    this.table(row.alias, query);
    return `${row.alias}${row.joins}`;
  }

  /** The hole for an error. */
  error(error: PlannedError): string {
    return hole('E', String(this.errors.push(error) - 1));
  }

  /** The whole text. */
  text(selection: string): string {
    this.#length += selection.length;
    this.#requireShort();
    // `recursive` lets tables refer to others that come later; none of them refers to itself.
    return this.#tables.length === 0 ? selection : `with recursive ${this.#tables.join(',\n')}\n${selection}`;
  }

  #requireShort(): void {
    if (this.#length > maxLength) throw new Unplannable('a statement too long');
  }
}
