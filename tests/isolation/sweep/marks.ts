import { randomUUID } from 'node:crypto';
import type { SeedNames } from '../seed.js';

/** What a text of an argument is, and so with what of another organization it is attacked. */
export type MarkKind =
  /** Refers to a row by id or name, or searches: attacked with every id and every name. */
  | 'reference'
  /** Name in a JSON object that refers to a row: attacked as `reference`. */
  | 'keys'
  /** A resource path: attacked with the paths of every noun. */
  | 'path'
  /** Is stored and refers to nothing: attacked with a name, because names are unique in places. */
  | 'text';

/** A text of an argument, with what it is. */
export class Mark {
  readonly kind: MarkKind;
  readonly value: unknown;
  /** Which name of the other organization a `text` is attacked with. */
  readonly name: keyof SeedNames;
  /** How another text is put where the one of the value is, which is inside a JSON object. */
  readonly write: ((text: string) => unknown) | undefined;

  constructor(
    kind: MarkKind,
    value: unknown,
    name: keyof SeedNames = 'metric',
    write: ((text: string) => unknown) | undefined = undefined,
  ) {
    this.kind = kind;
    this.value = value;
    this.name = name;
    this.write = write;
  }
}

/** A text that refers to a row, or searches. */
export const reference = (value: string): Mark => new Mark('reference', value);

/** A JSON object one of whose names refers to a row. */
export const keys = (name: string, value: unknown): Mark => new Mark('keys', { [name]: value });

/** A JSON object somewhere in which a text refers to a row. */
export const within = (value: string, write: (text: string) => unknown): Mark =>
  new Mark('reference', write(value), 'metric', write);

/** A text that is a resource path, or the start of one. */
export const path = (value: string): Mark => new Mark('path', value);

/** A text that is stored. */
export const text = (value: unknown = fresh(), name?: keyof SeedNames): Mark => new Mark('text', value, name);

/** A JSON object that is stored. */
export const json = (): Mark => new Mark('text', { fresh: 'json' });

/** A text that no row has yet; good as a name of everything. */
export const fresh = (): string => `fresh-${randomUUID()}`;
