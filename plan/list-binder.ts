import { and } from 'drizzle-orm';
import { type PgColumn, PgDialect } from 'drizzle-orm/pg-core';
import type { Identity } from '../auth/identity.js';
import { type CursorScope, decodeCursor } from '../domain/cursor.js';
import { nameBelow } from '../domain/list-below.js';
import { reachableRows } from '../domain/reachable-rows.js';
import { type ListQuery, requirePageSize } from '../domain/read-page.js';
import type { Variables } from './operation-scope.js';
import { Unplannable } from './unplannable.js';

const dialect = new PgDialect();

/** A list of an operation: how its arguments become a query, at compile time and for each request. */
export interface ListBinderParts {
  /** Values of its arguments. */
  readonly argumentsOf: (variables: Variables) => Readonly<Record<string, unknown>>;
  readonly list: (args: Readonly<Record<string, unknown>>) => ListQuery;
  /** Column by which its rows name their owner, where it is a part of a list. */
  readonly owner?: PgColumn;
  /** The id of the owner, where arguments tell it. */
  readonly ownerId?: ((variables: Variables) => string) | undefined;
}

/** A list of one request. */
export interface BoundList {
  readonly query: ListQuery;
  readonly parameters: readonly unknown[];
  /** Id after which the page starts; null for the first page. */
  readonly after: string | null;
}

/** What cursors are made with. */
export type CursorKey = Pick<CursorScope, 'key' | 'orgId'>;

/**
 * Binds the lists of requests to a statement. The conditions come from the same functions of the domain that the
 * resolvers use; here they are run for each request, and give the parameters.
 */
export class ListBinder {
  /** SQL of the conditions, parameters numbered from 1; empty for none. */
  readonly conditions: string;
  /** How many parameters it has. */
  readonly parameterCount: number;
  readonly first: number;
  readonly hasAfter: boolean;
  readonly #parts: ListBinderParts;

  constructor(parts: ListBinderParts, variables: Variables, identity: Identity) {
    this.#parts = parts;
    const args = parts.argumentsOf(variables);
    this.first = args['first'] as number;
    requirePageSize(this.first);
    this.hasAfter = Boolean(args['after']);
    const { text, parameters } = conditionsOf(parts.list(args), identity);
    this.conditions = text;
    this.parameterCount = parameters.length;
  }

  /**
   * The list of one request.
   * @throws BulkheadError for arguments that are refused
   * @throws Unplannable where they make another statement, or a cursor is for an owner that is not known beforehand
   */
  bind(key: CursorKey, variables: Variables, identity: Identity): BoundList {
    const args = this.#parts.argumentsOf(variables);
    const query = this.#parts.list(args);
    const { text, parameters } = conditionsOf(query, identity);
    const after = args['after'] as string | null | undefined;
    if (text !== this.conditions || args['first'] !== this.first || Boolean(after) !== this.hasAfter) {
      throw new Unplannable('arguments of another shape', { isOfRequest: true, isOfPlan: true });
    }
    return { query, parameters, after: after ? decodeCursor(this.#scope(key, query, variables), after) : null };
  }

  /** What cursors of a bound list are made for. */
  scopeOf(key: CursorKey, { query }: BoundList, ownerId: string): CursorScope {
    const { owner } = this.#parts;
    return { ...key, list: owner === undefined ? query.name : nameBelow(query, owner, ownerId) };
  }

  #scope(key: CursorKey, query: ListQuery, variables: Variables): CursorScope {
    const { owner, ownerId } = this.#parts;
    if (owner === undefined) return { ...key, list: query.name };
    if (ownerId === undefined) throw new Unplannable('cursor below a list');
    return { ...key, list: nameBelow(query, owner, ownerId(variables)) };
  }
}

function conditionsOf(query: ListQuery, identity: Identity): { text: string; parameters: readonly unknown[] } {
  const condition = and(reachableRows(identity, query.table), ...query.conditions);
  if (condition === undefined) return { text: '', parameters: [] };
  const { sql, params } = dialect.sqlToQuery(condition);
  return { text: sql, parameters: params };
}
