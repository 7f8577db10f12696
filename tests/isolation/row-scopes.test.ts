import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type postgres from 'postgres';
import { createIdentity, type Identity } from '../../auth/identity.js';
import type { Action } from '../../auth/scopes/action.js';
import { covers } from '../../auth/scopes/covers.js';
import { parseScopes } from '../../auth/scopes/parse-scopes.js';
import type { Scope } from '../../auth/scopes/scope.js';
import type { Purpose } from '../../db/signed-context.js';
import { newDefinitionId } from '../../domain/input/id.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';
import { tablesOfOrganizations, withAdmin } from './data-digest.js';
import { RawConnections } from './raw-connections.js';
import { type Row, type Table, tables } from './scoped-tables.js';
import { change, type Seed, seed } from './seed.js';
import { seedFindings } from './seed-findings.js';

/*
 * Scopes as row-level security applies them, with no application in front: plain SQL in the role of the gateway under
 * the signed context of an identity, compared with what `covers` says of each row.
 */
/**
 * Public keys, which every identity of the organization may see, since secrets are sealed to them; and tables that the
 * gateway reaches by functions only.
 */
const withoutScopes = ['vault.organization_keys', 'app.idempotency_keys', 'app.hook_posts'];
const actions: readonly Action[] = ['read', 'write', 'admin'];

let deployment: TestDeployment;
let raw: RawConnections;
let connections: Readonly<Record<Table['kind'], postgres.Sql>>;
let a: Seed;
let filters: readonly string[];
const rowsOf = new Map<string, readonly Row[]>();

beforeAll(async () => {
  deployment = await startTestDeployment();
  raw = new RawConnections(deployment);
  connections = { operational: raw.as('bulkhead_gateway'), vault: raw.as('bulkhead_vault_writer', 'vault') };
  a = await seed(await deployment.createOrganization('A'), 'A');
  await change(a.client, 'createThing', { placeId: a.ids.site, typeId: a.ids.subThingType, name: 'of another type' });
  await change(a.client, 'putSecret', { integrationId: a.ids.egressIntegration, name: 'other', value: '1' }, 'name');
  await seedFindings(deployment, a);
  for (const table of tables) {
    await withAdmin(deployment.adminUrl(table.kind), async (sql) => {
      rowsOf.set(table.name, await sql<Row[]>`select * from ${sql(table.name)}`);
    });
  }
  filters = filtersOf(a);
});
afterAll(async () => {
  await raw.close();
  await deployment.stop();
});

/** Filters of every noun: exact, open, of another id, of another parent. */
function filtersOf({ ids }: Seed): string[] {
  const other = randomUUID();
  return [
    '*',
    `ORGANIZATION/${ids.organization}`,
    'ORGANIZATION/#',
    `ORGANIZATION/${other}`,
    `APIKEY/${ids.apiKey}`,
    'APIKEY/#',
    'APIKEY/AAAAAAAAAAAA',
    'DEFINITION/#/#',
    'DEFINITION/Metric/#',
    `DEFINITION/Metric/${ids.metric}`,
    'DEFINITION/ThingType/#',
    `DEFINITION/ThingType/${ids.thingType}`,
    'DEFINITION/ThingTypeVersion/#',
    `DEFINITION/ThingTypeVersion/${ids.firstThingTypeVersion}`,
    'PLACE/#/#',
    'PLACE/Site/#',
    'PLACE/Fleet/#',
    `PLACE/Site/${ids.site}`,
    `PLACE/Fleet/${ids.fleet}`,
    `PLACE/#/${ids.site}`,
    // The id of a site among the fleets.
    `PLACE/Fleet/${ids.site}`,
    `PLACE/Site/${other}`,
    'THING/#/#',
    `THING/${ids.thingType}/#`,
    `THING/#/${ids.thing}`,
    `THING/${ids.subThingType}/${ids.thing}`,
    `PLACE/Site/${ids.site}/THING/#/#`,
    `PLACE/Site/${ids.site}/THING/${ids.thingType}/#`,
    `PLACE/Site/${ids.site}/THING/${ids.thingType}/${ids.thing}`,
    `PLACE/Site/${other}/THING/#/#`,
    'PLACE/Fleet/#/THING/#/#',
    'INTEGRATION/#/#/#',
    'INTEGRATION/INGRESS/#/#',
    'INTEGRATION/EGRESS/WEBHOOK/#',
    'INTEGRATION/#/MQTT/#',
    `INTEGRATION/INGRESS/WEBHOOK/${ids.integration}`,
    `INTEGRATION/EGRESS/WEBHOOK/${ids.integration}`,
    'SECRET/#',
    `SECRET/${ids.integration}`,
    `SECRET/${ids.egressIntegration}`,
    'MONITOR/#',
    `MONITOR/${ids.monitor}`,
    `MONITOR/${other}`,
    'TEMPLATE/#/#',
    'TEMPLATE/THING_DATA/#',
    `TEMPLATE/THING_DATA/${ids.template}`,
    `TEMPLATE/#/${ids.deletedTemplate}`,
    'AUDIT',
  ];
}

function identityWith(scopes: readonly { readonly action: string; readonly resourceFilter: string }[]): Identity {
  const actor = { type: 'SYSTEM', id: 'restricted' } as const;
  const orgId = a.ids.organization;
  return createIdentity({
    orgId,
    actor,
    scopes: parseScopes(scopes, 'scopes'),
    requestId: 'test',
    clientAddress: null,
  });
}

/** Runs SQL under an identity and rolls it back. */
function under<T>(
  identity: Identity,
  kind: Table['kind'],
  purpose: Purpose,
  work: (sql: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  return raw.under(connections[kind], identity, purpose, work);
}

const isGranted = (scopes: readonly Scope[], wanted: readonly Action[], path: string) =>
  wanted.some((action) => covers(scopes, action, path));

/** Every disagreement between row-level security and `covers` for one identity. */
async function disagreements(identity: Identity): Promise<string[]> {
  const found: string[] = [];
  for (const kind of ['operational', 'vault'] as const) {
    const ofKind = tables.filter((table) => table.kind === kind);
    await under(identity, kind, 'read', async (sql) => {
      const faults = await Promise.all(ofKind.map((table) => compareRead(sql, table, identity.scopes)));
      found.push(...faults.flat());
    });
    await under(identity, kind, 'write', async (sql) => {
      for (const table of ofKind) found.push(...(await compareWrite(sql, table, identity.scopes)));
    });
  }
  return found;
}

const things = () => rowsOf.get('app.things')!;

/** Rows of a table of which something holds, by key. */
const keysWhere = (table: Table, holds: (row: Row) => boolean) =>
  rowsOf
    .get(table.name)!
    .filter(holds)
    .map((row) => row[table.key]!);

function compare(what: string, actual: readonly string[], expected: readonly string[]): string[] {
  const [one, other] = [[...actual].sort(), [...expected].sort()];
  return JSON.stringify(one) === JSON.stringify(other) ? [] : [`${what}: ${one} and not ${other}`];
}

async function selectKeys(sql: postgres.TransactionSql, { name, key }: Table): Promise<string[]> {
  const [rows, [counted]] = await Promise.all([
    sql<{ key: string }[]>`select ${sql(key)}::text as key from ${sql(name)}`,
    sql<{ count: number }[]>`select count(*)::int as count from ${sql(name)}`,
  ]);
  if (counted!.count !== rows.length) throw new Error(`${name} counts ${counted!.count} and shows ${rows.length}`);
  return rows.map((row) => row.key);
}

async function compareRead(sql: postgres.TransactionSql, table: Table, scopes: readonly Scope[]): Promise<string[]> {
  const readable = keysWhere(table, (row) => covers(scopes, 'read', table.path(row, things())));
  const found = compare(`select from ${table.name}`, await selectKeys(sql, table), readable);
  if (table.column !== undefined) {
    const { count } = await sql`update ${sql(table.name)} set ${sql(table.column)} = ${table.newValue ?? 'changed'}`;
    if (count > 0) found.push(`a transaction that reads has changed ${count} rows of ${table.name}`);
  }
  return found;
}

async function compareWrite(sql: postgres.TransactionSql, table: Table, scopes: readonly Scope[]): Promise<string[]> {
  const { name, key, path, column, updating = ['write'], deletable, inserting, newColumn = key } = table;
  const found = compare(
    `select in a write from ${name}`,
    await selectKeys(sql, table),
    keysWhere(table, (row) => isGranted(scopes, actions, path(row, things()))),
  );
  const rows = rowsOf.get(name)!;
  const changeable = keysWhere(table, (row) => isGranted(scopes, updating, path(row, things())));
  if (column !== undefined) {
    // One by one: names are unique in places.
    const changed = await Promise.all(
      rows.map(async (row) => {
        const where = sql`${sql(key)}::text = ${row[key]!}`;
        const value = table.newValue ?? `changed ${row[key]}`;
        const { count } = await sql`update ${sql(name)} set ${sql(column)} = ${value} where ${where}`;
        return count > 0 ? [row[key]!] : [];
      }),
    ).then((keys) => keys.flat());
    found.push(...compare(`update ${name}`, changed, changeable));
  }
  const attempts: Promise<string[]>[] = [];
  const expectOf = async (what: string, isDone: Promise<boolean>, isExpected: boolean) =>
    (await isDone) === isExpected ? [] : [`${what}: ${!isExpected}`];
  for (const row of rows) {
    if (deletable) {
      const removed = attempt(sql, sql`delete from ${sql(name)} where ${sql(key)}::text = ${row[key]!}`);
      const of = path(row, things());
      attempts.push(expectOf(`delete ${of} of ${name}`, removed, isGranted(scopes, ['write'], of)));
    }
    if (inserting === undefined) continue;
    const stored = await storedAs(table, row[key]!, { [newColumn]: table.newKey!() });
    const inserted = attempt(
      sql,
      sql`insert into ${sql(name)}
          select (jsonb_populate_record(null::${sql(name)}, ${JSON.stringify(stored)}::text::jsonb)).*`,
    );
    const of = inserting.path(stored, things());
    attempts.push(expectOf(`insert ${of} into ${name}`, inserted, isGranted(scopes, [inserting.action], of)));
  }
  found.push(...(await Promise.all(attempts)).flat());
  return found;
}

const stored = new Map<string, Row>();

/** A row as JSON, with other values in it. */
async function storedAs(table: Table, key: string, changes: Row): Promise<Row> {
  const name = `${table.name} ${key}`;
  if (!stored.has(name)) {
    await withAdmin(deployment.adminUrl(table.kind), async (sql) => {
      const rows = await sql<{ key: string; row: Row }[]>`
        select ${sql(table.key)}::text as key, to_jsonb(t) as row from ${sql(table.name)} t`;
      for (const { key: each, row } of rows) stored.set(`${table.name} ${each}`, row);
    });
  }
  return { ...stored.get(name)!, ...changes };
}

/**
 * Whether row-level security lets a statement through: it changes a row, or fails for what comes after the policies. It
 * is undone, and sent without waiting for those before it.
 * @throws what is neither
 */
async function attempt(
  sql: postgres.TransactionSql,
  statement: postgres.PendingQuery<postgres.Row[]>,
): Promise<boolean> {
  const sent = [sql`savepoint attempt`, statement, sql`rollback to savepoint attempt`].map((each) => each.execute());
  const [before, outcome, after] = await Promise.allSettled(sent);
  if (before?.status !== 'fulfilled' || after?.status !== 'fulfilled') throw new Error('could not be undone');
  if (outcome?.status !== 'rejected') return (outcome?.value.count ?? 0) > 0;
  const { code = '', message }: { code?: string; message: string } = outcome.reason;
  if (code.startsWith('23')) return true;
  if (/row-level security/.test(message)) return false;
  throw outcome.reason;
}

describe('row-level security and covers() agree', () => {
  it.each(['read', 'write', 'admin', '*'])('on every noun for each filter with the action %s', async (action) => {
    const found: string[] = [];
    const left = filters.values();
    const work = async () => {
      for (const resourceFilter of left) {
        const faults = await disagreements(identityWith([{ action, resourceFilter }]));
        found.push(...faults.map((fault) => `${action} ${resourceFilter}: ${fault}`));
      }
    };
    // The pool of the test has three connections.
    await Promise.all([work(), work(), work()]);
    expect(found).toEqual([]);
  });

  it('for scopes that add up', async () => {
    const scope = fc.record({
      action: fc.constantFrom('read', 'write', 'admin', '*'),
      resourceFilter: fc.constantFrom(...filters.filter((filter) => filter !== '*')),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(scope, { minLength: 2, maxLength: 4 }), async (scopes) => {
        expect(await disagreements(identityWith(scopes))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('is compared for every table', async () => {
    const all: string[] = [];
    for (const kind of ['operational', 'vault'] as const) {
      all.push(...(await withAdmin(deployment.adminUrl(kind), tablesOfOrganizations)));
    }
    const expected = all.filter((name) => !name.startsWith('platform.'));
    expect([...tables.map(({ name }) => name), ...withoutScopes].sort()).toEqual(expected.sort());
  });

  it('is compared with rows on both sides: each table has some that a filter takes and some that it leaves', () => {
    const scopes = parseScopes(
      [
        { action: 'read', resourceFilter: `PLACE/Site/${a.ids.site}` },
        { action: 'read', resourceFilter: `THING/${a.ids.thingType}/#` },
        { action: 'read', resourceFilter: `DEFINITION/Metric/${a.ids.metric}` },
        { action: 'read', resourceFilter: `SECRET/${a.ids.integration}` },
        { action: 'read', resourceFilter: `APIKEY/${a.ids.apiKey}` },
        { action: 'read', resourceFilter: 'INTEGRATION/INGRESS/#/#' },
      ],
      'scopes',
    );
    for (const name of [
      'app.places',
      'app.things',
      'app.metric_definitions',
      'vault.secrets',
      'app.api_keys',
      'app.integrations',
    ]) {
      const table = tables.find((candidate) => candidate.name === name)!;
      const taken = keysWhere(table, (row) => covers(scopes, 'read', table.path(row, things()))).length;
      expect({ name, taken: taken > 0, left: taken < rowsOf.get(name)!.length }).toEqual({
        name,
        taken: true,
        left: true,
      });
    }
  });
});

describe('a row cannot be moved out of its scope', () => {
  const moves = [
    { table: 'app.things', column: 'place_id', to: () => a.ids.fleet },
    { table: 'app.things', column: 'place_type', to: () => 'Fleet' },
    { table: 'app.things', column: 'thing_type_id', to: () => a.ids.subThingType },
    { table: 'app.things', column: 'id', to: randomUUID },
    { table: 'app.levels', column: 'site_id', to: randomUUID },
    { table: 'app.places', column: 'place_type', to: () => 'Fleet' },
    { table: 'app.places', column: 'id', to: randomUUID },
    { table: 'app.integrations', column: 'direction', to: () => 'EGRESS' },
    { table: 'app.integrations', column: 'type', to: () => 'MQTT' },
    { table: 'app.metric_definitions', column: 'id', to: () => newDefinitionId('mdef') },
    { table: 'app.thing_type_versions', column: 'thing_type_id', to: () => a.ids.subThingType },
    { table: 'app.api_keys', column: 'id', to: () => 'AAAAAAAAAAAA' },
    { table: 'app.things', column: 'org_id', to: randomUUID },
  ];
  const scopes = () =>
    [
      `PLACE/Site/${a.ids.site}`,
      `PLACE/Site/${a.ids.site}/THING/${a.ids.thingType}/${a.ids.thing}`,
      `INTEGRATION/INGRESS/WEBHOOK/${a.ids.integration}`,
      `DEFINITION/Metric/${a.ids.metric}`,
      `DEFINITION/ThingTypeVersion/${a.ids.thingTypeVersion}`,
      `APIKEY/${a.ids.apiKey}`,
    ].map((resourceFilter) => ({ action: '*', resourceFilter }));
  const move = (table: string, column: string, to: string) =>
    under(identityWith(scopes()), 'operational', 'write', async (sql) =>
      sql`update ${sql(table)} set ${sql(column)} = ${to}`.then(
        ({ count }) => `moved ${count}`,
        (error: { message: string }) => error.message,
      ),
    );

  it.each(moves)('$column of $table: the role may not update it', async ({ table, column, to }) => {
    expect(await move(table, column, to())).toMatch(/permission denied/);
  });

  it.each(moves)(
    '$column of $table: where the role may, the policy refuses the row as it would be',
    async ({ table, column, to }) => {
      const grant = (verb: string, preposition: string) =>
        withAdmin(deployment.adminUrl('operational'), (sql) =>
          sql.unsafe(`${verb} update (${column}) on ${table} ${preposition} bulkhead_gateway`),
        );
      await grant('grant', 'to');
      try {
        const outcome = await move(table, column, to());
        // A version is under its own id, not under its type: here a key holds it.
        const expected =
          table === 'app.thing_type_versions' ? /foreign key|unique/ : /violates row-level security policy/;
        expect(outcome).toMatch(expected);
      } finally {
        await grant('revoke', 'from');
      }
    },
  );
});
