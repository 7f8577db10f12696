import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  TypeInfo,
  type ValueNode,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { isSubset } from '../scopes/is-subset.js';
import { parseScopes } from '../scopes/parse-scopes.js';
import type { Scope } from '../scopes/scope.js';
import type { FieldAccess } from './field-access.js';
import { fieldTable } from './permissions.js';
import { resourceOf } from './resource-of.js';

/**
 * The least scopes that all operations of a document need, from the same table that shield rules are made from. Ids that
 * stand in the document itself narrow the scopes; those that come as variables cannot be known.
 * @param document must be valid for the schema
 */
export function leastScopes(schema: GraphQLSchema, document: DocumentNode): Scope[] {
  const needed = new Map<string, Scope>();
  const typeInfo = new TypeInfo(schema);
  const enterField = (field: FieldNode) => {
    const parent = typeInfo.getParentType();
    if (!parent) return;
    for (const type of concreteTypes(schema, parent.name)) {
      const access = parent.name.endsWith('Payload')
        ? payloadAccess(typeInfo.getType())
        : fieldTable[type]?.[field.name.value];
      const scope = scopeOf(access, field);
      if (scope !== undefined) needed.set(JSON.stringify(scope), scope);
    }
  };
  visit(document, visitWithTypeInfo(typeInfo, { Field: enterField }));
  const scopes = [...needed.values()];
  return scopes.filter((scope, index) => !scopes.some((other, at) => at !== index && isSubset([scope], [other])));
}

/** The types that a field of this one can be resolved on. */
function concreteTypes(schema: GraphQLSchema, name: string): string[] {
  const type = schema.getType(name);
  return isInterfaceType(type) ? schema.getPossibleTypes(type).map((possible) => possible.name) : [name];
}

/** A payload shows what was changed only to a key that may read it: as the query of one such object asks. */
function payloadAccess(type: ReturnType<TypeInfo['getType']>): FieldAccess | undefined {
  const name = type ? getNamedType(type).name : '';
  return fieldTable['Query']?.[
    name === 'LevelType' || name === 'LevelGroup' || name === 'Level' ? 'site' : queryOf(name)
  ];
}

/** The query of one object of a type: `Thing` → `thing`. */
function queryOf(typeName: string): string {
  return typeName.charAt(0).toLowerCase() + typeName.slice(1);
}

function scopeOf(access: FieldAccess | undefined, field: FieldNode): Scope | undefined {
  if (access === undefined || access.kind === 'inherited') return undefined;
  const path = resourceOf(access, { orgId: '#' }, (name) => literalArgument(field, name));
  if (path === undefined) return undefined;
  return parseScopes([{ action: access.action, resourceFilter: path }], 'document')[0];
}

/** A text that the document gives for an argument; undefined if it comes from a variable. */
function literalArgument(field: FieldNode, name: string): unknown {
  const [first, ...rest] = name.split('.');
  let node: ValueNode | undefined = field.arguments?.find((argument) => argument.name.value === first)?.value;
  for (const key of rest) {
    node = node?.kind === 'ObjectValue' ? node.fields.find((entry) => entry.name.value === key)?.value : undefined;
  }
  return node === undefined || node.kind === 'Variable' ? undefined : valueFromASTUntyped(node);
}
