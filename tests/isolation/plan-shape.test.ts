import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type OperationDefinitionNode, parse } from 'graphql';
import { type Identity, systemIdentity } from '../../auth/identity.js';
import { readWithOrg } from '../../db/read-with-org.js';
import { signContext } from '../../db/signed-context.js';
import { compileOperation } from '../../plan/compile-operation.js';
import { OperationScope } from '../../plan/operation-scope.js';
import { createSchema } from '../../server/schema.js';
import { restricted } from '../support/operational-database.js';
import { openTwoDatabases, type TwoDatabases } from '../support/two-databases.js';
import { scansOf } from './plan-shape.js';
import { fillForPlans } from './plan-shape-rows.js';

/** Organizations of the database: 30,000 things in all. */
const orgIds = Array.from({ length: 20 }, () => randomUUID());
const schema = createSchema();
let databases: TwoDatabases;
const full = systemIdentity(String(orgIds[7]), 'test', 'test');
let restrictedTo: Readonly<Record<'place' | 'type' | 'thing' | 'nothing', Identity>>;

beforeAll(async () => {
  databases = await openTwoDatabases();
  await fillForPlans(databases.admin.operational, orgIds);
  const [row] = await databases.admin.operational<{ place_id: string; type_id: string; thing_id: string }[]>`
    select place_id, thing_type_id as type_id, id as thing_id from app.things where org_id = ${full.orgId} limit 1`;
  const others = ['read DEFINITION/#/#', 'read PLACE/#/#'];
  restrictedTo = {
    place: restricted(full, ...others, `read PLACE/#/${row?.place_id}/THING/#/#`),
    type: restricted(full, ...others, `read THING/${row?.type_id}/#`),
    thing: restricted(full, ...others, `read THING/#/${row?.thing_id}`),
    nothing: restricted(full, 'read SECRET/#'),
  };
});

afterAll(() => databases?.stop());

/** Statements that explain how the gateway answers an operation; the last but one answers the plan. */
function explaining(document: string, identity: Identity): string[] {
  const parsed = parse(document);
  const operation = parsed.definitions[0] as OperationDefinitionNode;
  const scope = new OperationScope(schema, parsed, {});
  const { text, parameters } = compileOperation(scope, operation, identity, () => false);
  if (text === undefined) throw new Error('the operation has no statement');
  const values = parameters.map(() => 'null').join(', ');
  return [`prepare shape as ${text}`, `explain (format json) execute shape(${values})`, 'deallocate shape'];
}

/** Its plan on a connection of the gateway, in a transaction that has entered the context of the identity. */
async function explain(document: string, identity: Identity): Promise<string> {
  const statements = explaining(document, identity).map((text) => ({ text, params: [] }));
  const rows = await readWithOrg(databases.operational, identity, statements);
  return String(rows.at(-2)?.[0]?.[0]);
}

/** Its plan after a change that is rolled back: as the gateway's role, on a connection of the superuser. */
async function explainAfter(change: string, document: string, identity: Identity): Promise<string> {
  const admin = databases.admin.operational;
  await admin.unsafe('begin');
  try {
    await admin.unsafe(`${change}; set local plan_cache_mode = force_generic_plan; set local role bulkhead_gateway`);
    const [backend] = await admin<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const context = signContext(databases.operational.contextKey, identity, 'read', Number(backend?.pid));
    await admin`select app.enter(${context})`;
    const results = [];
    for (const text of explaining(document, identity)) results.push(await admin.unsafe(text));
    return JSON.stringify(results.at(-2)?.[0]?.['QUERY PLAN']);
  } finally {
    await admin.unsafe('rollback');
  }
}

/** How an operation has to read one of its tables: by this index, with all of this in its condition. */
interface Shape {
  readonly document: string;
  readonly table: string;
  readonly index: RegExp;
  readonly condition: readonly RegExp[];
  /** Whether the index gives the rows in order, so that no more are read than the page holds. */
  readonly isOrdered?: true;
}

const uuid = '00000000-0000-7000-8000-000000000000';
const site = `site(id: "${uuid}")`;
const thingType = 'thingType(id: "tdefi_00000000000000000000000000")';
const page = 'nodes { id name } pageInfo { hasNextPage endCursor }';
const things = { table: 'things', index: /^things_pkey$/ };
const thingsOfPlace = { table: 'things', index: /^things_place$/ };
const thingsOfType = { table: 'things', index: /^things_(type|org_id_thing_type_id_.*)$/ };
const places = { table: 'places', index: /^places_(pkey|org_id_place_type_id_key)$/ };
/** In some policies it is the organization of the row that is decided on. */
const ofSomeOrg = /\borg_id = /;
const ofOrg = /\borg_id = \$1/;
const byId = [ofOrg, /\bid = \$2/];
const deep = [ofOrg, /\bid > \$/];
const ofPlace = /\bplace_id = rows\d+\.id/;
const ofType = /\bthing_type_id = rows\d+\.id/;

const shapes: Readonly<Record<string, Shape>> = {
  'the first page of things': {
    document: `{ things(first: 50) { ${page} } }`,
    ...things,
    condition: [ofOrg],
    isOrdered: true,
  },
  'a page deep in the things': {
    document: `{ things(first: 50, after: "x") { ${page} } }`,
    ...things,
    condition: deep,
    isOrdered: true,
  },
  'a thing by id': { document: `{ thing(id: "${uuid}") { name } }`, ...things, condition: byId },
  'the first page of sites': { document: `{ sites(first: 50) { ${page} } }`, ...places, condition: [ofOrg] },
  'a page deep in the sites': { document: `{ sites(first: 50, after: "x") { ${page} } }`, ...places, condition: deep },
  'a site by id': { document: `{ ${site} { name } }`, ...places, condition: byId },
  'the first things of a place': {
    document: `{ ${site} { things(first: 50) { ${page} } } }`,
    ...thingsOfPlace,
    condition: [ofOrg, ofPlace],
  },
  'things deep in a place': {
    document: `{ ${site} { things(first: 50, after: "x") { ${page} } } }`,
    ...thingsOfPlace,
    condition: [...deep, ofPlace],
  },
  'things of each of many places': {
    document: `{ sites(first: 20) { nodes { things(first: 5) { ${page} } } } }`,
    ...thingsOfPlace,
    condition: [ofOrg, ofPlace],
  },
  'the number of things of each of many places': {
    document: '{ sites(first: 20) { nodes { things(first: 1) { totalCount } } } }',
    ...thingsOfPlace,
    condition: [ofOrg, ofPlace],
  },
  'things of a place that is filtered by': {
    document: `{ things(first: 50, filter: { placeId: "${uuid}" }) { ${page} } }`,
    ...thingsOfPlace,
    condition: [ofOrg, /\bplace_id = \$/],
  },
  'things of a type': {
    document: `{ ${thingType} { things(first: 50) { ${page} } } }`,
    ...thingsOfType,
    condition: [ofOrg, ofType],
  },
  'thing types': {
    document: '{ thingTypes(first: 50) { nodes { displayName } } }',
    table: 'thing_types',
    index: /^thing_types_/,
    condition: [ofOrg],
  },
  metrics: {
    document: '{ metricDefinitions(first: 50, after: "x") { nodes { displayName } } }',
    table: 'metric_definitions',
    index: /^metric_definitions_/,
    condition: [ofOrg],
  },
  'integrations of things': {
    document: '{ things(first: 50) { nodes { integrationIds } } }',
    table: 'thing_integrations',
    index: /^thing_integrations_pkey$/,
    condition: [ofOrg, /\bthing_id = ANY \(/],
  },
  'places of things': {
    document:
      '{ things(first: 10) { nodes { place { name } type { latestVersion { metrics { name } } } typeVersion { version } } } }',
    ...places,
    condition: [ofOrg],
  },
};

/** What of a plan is not as it has to be. */
function faultsOf(explained: string, shape: Omit<Shape, 'document'>): string[] {
  const scans = scansOf(explained);
  const own = scans.filter(({ table }) => table === shape.table);
  const fitting = own.filter(
    ({ index, condition, isSorted }) =>
      shape.index.test(index ?? '') &&
      shape.condition.every((part) => part.test(condition)) &&
      !(shape.isOrdered === true && isSorted),
  );
  return [
    ...(fitting.length > 0 ? [] : [`${shape.table} is read by ${JSON.stringify(own)}`]),
    // Whatever else is read, other organizations are not looked at.
    ...scans.filter(({ condition }) => !ofSomeOrg.test(condition)).map(({ table }) => `all of ${table} is read`),
  ];
}

describe('plans of a key that may read everything', () => {
  it.each(Object.entries(shapes))('read %s by index', async (_name, shape) => {
    expect(faultsOf(await explain(shape.document, full), shape)).toEqual([]);
    // Without indexes the same plan is full of faults.
    const off = ['indexscan', 'indexonlyscan', 'bitmapscan'].map((kind) => `set local enable_${kind} = off`).join('; ');
    expect(faultsOf(await explainAfter(off, shape.document, full), shape)).not.toEqual([]);
  });

  it.each([
    ['things_place', 'the first things of a place'],
    ['things_place', 'things deep in a place'],
    ['things_place', 'things of each of many places'],
    ['thing_integrations_pkey', 'integrations of things'],
  ])('need the index %s for %s', async (index, name) => {
    const shape = shapes[name] as Shape;
    const drop = index.endsWith('_pkey')
      ? `alter table app.${shape.table} drop constraint ${index} cascade`
      : `drop index app.${index}`;
    expect(faultsOf(await explainAfter(drop, shape.document, full), shape)).not.toEqual([]);
  });
});

describe('plans of a restricted key', () => {
  const document = `{ things(first: 50, after: "x") { ${page} } }`;

  it.each([
    ['place', /^things_place$/, /\bplace_id = ANY/],
    ['type', /^things_(type|org_id_thing_type_id_.*)$/, /\bthing_type_id = ANY/],
    ['thing', /^things_pkey$/, /\bid = ANY/],
    ['nothing', /^things_/, /= ANY/],
  ] as const)('read no other things than of its %s', async (kind, index, condition) => {
    const shape = { table: 'things', index, condition: [ofOrg, condition] };
    expect(faultsOf(await explain(document, restrictedTo[kind]), shape)).toEqual([]);
    expect(faultsOf(await explain(document, full), shape)).not.toEqual([]);
  });

  it.each(Object.entries(shapes))('read %s by index', async (_name, { document: asked }) => {
    for (const identity of Object.values(restrictedTo)) {
      const scans = scansOf(await explain(asked, identity));
      expect(scans.filter(({ condition }) => !ofSomeOrg.test(condition))).toEqual([]);
    }
  });
});
