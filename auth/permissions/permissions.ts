import { type GraphQLSchema, isObjectType } from 'graphql';
import type { IMiddlewareFunction } from 'graphql-middleware';
import { deny, shield } from 'graphql-shield';
import { defineRule } from './define-rule.js';
import type { FieldTable } from './field-access.js';
import { objectFields } from './object-fields.js';
import { rootFields } from './root-fields.js';

/** Access to every field of the API. */
export const fieldTable: FieldTable = { ...rootFields, ...objectFields };

/**
 * The shield middleware for a schema: whatever is not in the table is denied, and a schema with a field that is not in
 * the table, or a table with a field that is not in the schema, is not built at all.
 * @throws Error that names the fields
 */
export function createPermissions(schema: GraphQLSchema) {
  requireCompleteTable(schema);
  const ruleTree = Object.fromEntries(
    Object.entries(fieldTable).map(([type, fields]) => [
      type,
      Object.fromEntries(
        Object.entries(fields).map(([field, access]) => [field, defineRule(`${type}.${field}`, access)]),
      ),
    ]),
  );
  const middleware = shield(ruleTree, { fallbackRule: deny, allowExternalErrors: true }).generate(schema);
  return withoutInherited(middleware as unknown as FieldMiddleware);
}

/** Middleware by type and field. */
type FieldMiddleware = Record<string, Record<string, IMiddlewareFunction>>;

/**
 * The middleware without that of inherited fields of objects: their rule asks only for an authenticated caller, which
 * the HTTP door has decided, and a wrapper around each of the 50,000 points of an answer would cost more than the rest.
 */
function withoutInherited(middleware: FieldMiddleware): FieldMiddleware {
  return Object.fromEntries(
    Object.entries(middleware).map(([type, fields]) => [
      type,
      Object.fromEntries(
        Object.entries(fields).filter(([field]) => type in rootFields || objectAccess(type, field) !== 'inherited'),
      ),
    ]),
  );
}

function objectAccess(type: string, field: string): string | undefined {
  return fieldTable[type]?.[field]?.kind;
}

/** Compares the table with the schema. */
export function requireCompleteTable(schema: GraphQLSchema): void {
  const inSchema = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.keys(type.getFields())) inSchema.add(`${type.name}.${field}`);
  }
  const inTable = new Set(
    Object.entries(fieldTable).flatMap(([type, fields]) => Object.keys(fields).map((field) => `${type}.${field}`)),
  );
  const missing = [...inSchema].filter((field) => !inTable.has(field));
  const unknown = [...inTable].filter((field) => !inSchema.has(field));
  if (missing.length > 0) throw new Error(`fields without a rule: ${missing.join(', ')}`);
  if (unknown.length > 0) throw new Error(`rules without a field: ${unknown.join(', ')}`);
}
