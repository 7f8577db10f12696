import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getDirective } from '@graphql-tools/utils';
import { describe, expect, it } from '@jest/globals';
import {
  buildSchema,
  findBreakingChanges,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
} from 'graphql';
import { packageRoot } from '../../db/package-root.js';
import { generateTypes } from '../../scripts/codegen.js';
import { printedSchema } from '../../scripts/print-schema.js';
import { createOperatorSchema, createSchema } from '../../server/schema.js';
import { boundedLists } from './bounded-lists.js';

const schemas = [
  ['organization', createSchema()],
  ['operator', createOperatorSchema()],
] as const;
const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8');
const renew = (file: string) => `${file} is not what the SDL says: run \`npm run codegen\``;

const secretNames = /secret|password|passphrase|token|hash|sealed|cipher|private|credential|keytext|plain/i;

describe('what is generated', () => {
  it('schema.graphql is what the SDL says', () => {
    if (read('schema.graphql') !== printedSchema()) throw new Error(renew('schema.graphql'));
  });

  it('generated types are what the SDL says', async () => {
    const files = await generateTypes();
    expect([...files.keys()].sort()).toEqual(['resolvers/operator/types.generated.ts', 'resolvers/types.generated.ts']);
    for (const [file, content] of files) if (read(file) !== content) throw new Error(renew(file));
  });
});

describe.each(schemas)('the %s schema', (_name, schema) => {
  it('describes every type, field, argument, enum value, input field and directive', () => {
    expect(undescribed(schema)).toEqual([]);
  });

  it('has no output field for a secret value but those marked as shown once, which no answer keeps', () => {
    const suspects = outputFields(schema).filter(
      ({ field }) => isLeafType(getNamedType(field.type)) && secretNames.test(field.name),
    );
    expect(suspects.filter(({ field }) => !isShownOnce(schema, field)).map(({ place }) => place)).toEqual([]);
    expect(suspects.length).toBeGreaterThan(0);
    // Ids are kept for answers that have to be made again.
    const kept = outputFields(schema).filter(
      ({ field }) => isShownOnce(schema, field) && /^(id|\w+Id)$/.test(field.name),
    );
    expect(kept).toEqual([]);
  });

  it('answers long lists as connections; every other list is bounded and written down', () => {
    const lists = outputFields(schema)
      .filter(({ place, field }) => isListType(getNullableType(field.type)) && !/^\w+Connection\./.test(place))
      .map(({ place }) => place);
    const written = Object.keys(boundedLists[_name]);
    expect(lists.sort()).toEqual(written.sort());
  });

  it('has connections that are asked for with `first`', () => {
    const unbounded = outputFields(schema)
      .filter(({ field }) => getNamedType(field.type).name.endsWith('Connection'))
      .filter(({ field }) => String(field.args.find(({ name }) => name === 'first')?.type) !== 'Int!')
      .map(({ place }) => place);
    expect(unbounded).toEqual([]);
  });

  it('names input and payload of each mutation after it', () => {
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const name = `${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}`;
      expect(field.args.map((arg) => `${arg.name}: ${arg.type}`)).toEqual([`input: ${name}Input!`]);
      expect(String(getNullableType(field.type))).toBe(`${name}Payload`);
    }
  });
});

describe('the organization schema', () => {
  const schema = createSchema();

  it('has no argument and no input field for an organization', () => {
    const named = [...argumentsOf(schema), ...inputFields(schema)].filter((place) =>
      /[.(]org(anization)?Ids?\b/i.test(place),
    );
    expect(named).toEqual([]);
  });

  it('has nothing of a secret but what is known of it', () => {
    const secret = schema.getType('Secret');
    const fields = isObjectType(secret) ? Object.keys(secret.getFields()) : [];
    expect(fields.sort()).toEqual(['createdAt', 'createdBy', 'name', 'updatedAt', 'updatedBy', 'version']);
  });

  it('lets one mutation fail without the others: payloads are nullable', () => {
    const fields = Object.values(schema.getMutationType()?.getFields() ?? {});
    expect(fields.filter(({ type }) => isNonNullType(type)).map(({ name }) => name)).toEqual([]);
  });
});

describe('breaking changes', () => {
  const baseline = read('tests/contract/baseline.graphql');
  const declared = declaredChanges();

  it('are declared in docs/schema-changes.md, all of them and nothing else', () => {
    expect(breakingChanges(baseline, printedSchema())).toEqual(declared);
  });

  it('are found', () => {
    const without = baseline
      .replace('graceSeconds:', 'graceMinutes:')
      .replace(/(type Site .*?)name: String!/s, '$1name: String');
    expect(breakingChanges(baseline, without)).toEqual([
      'RotateApiKeyInput.graceSeconds was removed.',
      'Site.name changed type from String! to String.',
    ]);
  });
});

function breakingChanges(before: string, after: string): string[] {
  return findBreakingChanges(buildSchema(before), buildSchema(after))
    .map(({ description }) => description)
    .sort();
}

function declaredChanges(): string[] {
  const [, table = ''] = read('docs/schema-changes.md').split('\n## Declared since the last release\n');
  return [...table.matchAll(/^\| (?!change |-)([^|]+) \|/gm)].map(([, change = '']) => change.trim()).sort();
}

function isShownOnce(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>): boolean {
  return getDirective(schema, field, 'shownOnce') !== undefined;
}

function typesOf(schema: GraphQLSchema) {
  return Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
}

function outputFields(schema: GraphQLSchema): { place: string; field: GraphQLField<unknown, unknown> }[] {
  return typesOf(schema).flatMap((type) =>
    isObjectType(type) || isInterfaceType(type)
      ? Object.values(type.getFields()).map((field) => ({ place: `${type.name}.${field.name}`, field }))
      : [],
  );
}

function inputFields(schema: GraphQLSchema): string[] {
  return typesOf(schema).flatMap((type) =>
    isInputObjectType(type) ? Object.keys(type.getFields()).map((name) => `${type.name}.${name}`) : [],
  );
}

function argumentsOf(schema: GraphQLSchema): string[] {
  return outputFields(schema).flatMap(({ place, field }) => field.args.map(({ name }) => `${place}(${name}`));
}

function undescribed(schema: GraphQLSchema): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType()];
  const bare: string[] = [];
  const look = (place: string, part: { description?: string | null | undefined }) => {
    if ((part.description ?? '').trim() === '') bare.push(place);
  };
  const lookAtArguments = (place: string, args: readonly GraphQLArgument[]) => {
    for (const arg of args) look(`${place}(${arg.name})`, arg);
  };
  for (const type of typesOf(schema)) {
    if (!roots.some((root) => root === type)) look(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
    if (isInputObjectType(type))
      for (const field of Object.values(type.getFields())) look(`${type.name}.${field.name}`, field);
  }
  for (const { place, field } of outputFields(schema)) {
    look(place, field);
    lookAtArguments(place, field.args);
  }
  for (const directive of schema.getDirectives().filter((one) => !isSpecifiedDirective(one))) {
    look(`@${directive.name}`, directive);
    lookAtArguments(`@${directive.name}`, directive.args);
  }
  return bare;
}
