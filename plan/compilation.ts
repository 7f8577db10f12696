import { type GraphQLObjectType, getNamedType, isAbstractType, isObjectType, type SelectionSetNode } from 'graphql';
import type { Identity } from '../auth/identity.js';
import type { Entity } from '../model/entity.js';
import { entities } from '../model/model.js';
import type { OperationScope, SelectedField, Variables } from './operation-scope.js';
import type { Row } from './row.js';
import type { Statement } from './statement.js';
import type { Template } from './template.js';
import { Unplannable } from './unplannable.js';

/** A row whose object is to be compiled. */
export interface CompiledRow {
  readonly row: Row;
  /** Its id, where arguments of the operation tell it. */
  readonly knownId?: ((variables: Variables) => string) | undefined;
  /** Whether it is one row, or one of many. */
  readonly isSingle: boolean;
}

/** What the parts of the compiler share. */
export interface Compilation {
  readonly scope: OperationScope;
  readonly statement: Statement;
  /** The caller; of its scopes only what `PlannedReads` keeps plans apart by may decide the text. */
  readonly identity: Identity;
  /** Whether the caller's scopes forbid a field, whatever the object. */
  readonly isDenied: (type: string, field: string) => boolean;
  /** Compiles what is selected of the rows of a type; an abstract one by the type of each row. */
  readonly object: (type: string, compiled: CompiledRow, selectionSets: readonly SelectionSetNode[]) => Template;
}

/** The entity of a type of the schema. */
export function entityOf(type: string): Entity {
  const entity = entities[type];
  if (entity === undefined) throw new Unplannable(type);
  return entity;
}

/** The object types that a type of the schema stands for. */
export function objectTypesOf({ scope }: Compilation, name: string): readonly GraphQLObjectType[] {
  const type = scope.schema.getType(name);
  if (isAbstractType(type)) return scope.schema.getPossibleTypes(type);
  if (isObjectType(type)) return [type];
  throw new Unplannable(name);
}

/** The one object type of a field. */
export function objectTypeOf(field: SelectedField): GraphQLObjectType {
  const type = getNamedType(field.definition.type);
  if (!isObjectType(type)) throw new Unplannable(String(type));
  return type;
}

/** Condition on the organization, which every query of a table binds itself. */
export function ofOrganization(
  entity: { readonly table: Entity['table'] },
  columnSql: (column: Entity['id']) => string,
) {
  return `${columnSql(entity.table.orgId)} = $1::uuid`;
}
