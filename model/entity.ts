import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { ListQuery } from '../domain/read-page.js';

/** A table whose rows belong to organizations. */
export type OrgTable = PgTable & { readonly orgId: PgColumn };

/** A type of the schema whose objects are rows of a table. */
export interface Entity {
  readonly table: OrgTable;
  /** Column of the id by which other rows name a row. */
  readonly id: PgColumn;
  /** What a row is called in messages. */
  readonly noun: string;
  /** Fields that are not the column of the same name. */
  readonly fields: Readonly<Record<string, Field>>;
  /** Which of the rows are of this type, where several types share the table. */
  readonly where?: { readonly column: PgColumn; readonly value: string };
}

/** A field of an entity: how it comes out of the tables, for the planned and for the resolved way alike. */
export type Field = ColumnField | OneField | IdsField | LinkedField | ManyField | ListField | JsonField;

/** A value of the row under another name or in another form. */
export interface ColumnField {
  readonly kind: 'column';
  readonly column: PgColumn;
  /** `upper`: a value of an enum; `isSet`: whether there is a value; `orZero` and `orEmpty`: for null. */
  readonly form?: 'upper' | 'isSet' | 'orZero' | 'orEmpty';
}

/** The row that a column names. That it exists is known, so one that is not visible is FORBIDDEN. */
export interface OneField {
  readonly kind: 'one';
  /** Type of the schema. */
  readonly type: string;
  readonly key: PgColumn;
  readonly noun: string;
}

/** A list of ids of a linking table. */
export interface IdsField {
  readonly kind: 'ids';
  readonly table: OrgTable;
  /** Column that names this row. */
  readonly owner: PgColumn;
  readonly value: PgColumn;
  readonly order: PgColumn;
}

/** The rows that a list of ids names, in its order; null for each that is not visible. */
export interface LinkedField {
  readonly kind: 'linked';
  readonly type: string;
  /** Ids in a linking table, or in a column of the row itself. */
  readonly ids: IdsField | PgColumn;
}

/** All rows that name this one, by id; few. */
export interface ManyField {
  readonly kind: 'many';
  readonly type: string;
  readonly owner: PgColumn;
}

/** A page of the rows that name this one. */
export interface ListField {
  readonly kind: 'list';
  readonly type: string;
  readonly owner: PgColumn;
  /** The list without its owner, from the arguments of the field. */
  // biome-ignore lint/suspicious/noExplicitAny: each field has arguments of its own, which graphql-js has checked
  readonly list: (args: any) => ListQuery;
}

/** A column of JSON whose objects have the fields of a type of the schema. */
export interface JsonField {
  readonly kind: 'json';
  readonly column: PgColumn;
}

/** A field of the query type that leads to one row. */
export interface NodeRoot {
  readonly kind: 'node';
  readonly type: string;
  readonly noun: string;
  /** The id as the table holds it; undefined for a text that cannot be one. Absent where the organization is meant. */
  readonly idOf?: (id: string) => string | undefined;
}

/** A field of the query type that leads to a list. */
export interface ListRoot {
  readonly kind: 'list';
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: each field has arguments of its own, which graphql-js has checked
  readonly list: (args: any) => ListQuery;
}
