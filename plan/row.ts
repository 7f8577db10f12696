import type { PgColumn } from 'drizzle-orm/pg-core';

/**
 * The rows of one place of an operation, e.g. the things of a page. Columns and joins are collected while what is
 * selected of them is compiled; rows that others are read by become a materialized common table expression, others stay
 * a sub-select.
 */
export class Row {
  readonly alias: string;
  readonly #columns = new Set<string>();
  readonly #joins: string[] = [];
  #isShared = false;

  constructor(alias: string) {
    this.alias = alias;
  }

  /** SQL of a column. */
  column(column: PgColumn): string {
    this.#columns.add(`${columnSql(column)} as ${quoted(column.name)}`);
    return `${this.alias}.${quoted(column.name)}`;
  }

  /** SQL that gives a column of all the rows, to read others by. */
  values(column: PgColumn): string {
    this.#isShared = true;
    return `select ${this.column(column)} from ${this.alias}`;
  }

  /** Joins what was compiled for a relation. */
  join(join: string): void {
    this.#joins.push(join);
  }

  get isShared(): boolean {
    return this.#isShared;
  }

  /** What a select of the rows has to name. */
  get columns(): string {
    return this.#columns.size === 0 ? '1 as one' : [...this.#columns].join(', ');
  }

  get joins(): string {
    return this.#joins.map((join) => ` ${join}`).join('');
  }
}

/** A column with the name of its table. */
export function columnSql(column: PgColumn): string {
  return `${quoted(tableName(column))}.${quoted(column.name)}`;
}

function tableName(column: PgColumn): string {
  return (column.table as unknown as Record<symbol, string>)[Symbol.for('drizzle:Name')] ?? '';
}

/** An identifier. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
