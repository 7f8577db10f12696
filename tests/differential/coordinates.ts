import {
  type ASTNode,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** Fields that a document selects, e.g. `Thing.name`. */
export function coordinatesOf(schema: GraphQLSchema, document: string): Set<string> {
  const found = new Set<string>();
  const typeInfo = new TypeInfo(schema);
  const enter = (node: ASTNode) => {
    const parent = typeInfo.getParentType();
    if (node.kind === Kind.FIELD && parent) found.add(`${parent.name}.${node.name.value}`);
  };
  visit(parse(document), visitWithTypeInfo(typeInfo, { enter }));
  return found;
}

/** Fields that a query can reach. */
export function readableCoordinates(schema: GraphQLSchema): string[] {
  const types = new Set(['Query']);
  const found: string[] = [];
  for (const name of types) {
    const type = schema.getType(name);
    if (isInterfaceType(type)) for (const possible of schema.getPossibleTypes(type)) types.add(possible.name);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      found.push(`${name}.${field.name}`);
      types.add(getNamedType(field.type).name);
    }
  }
  return found;
}
