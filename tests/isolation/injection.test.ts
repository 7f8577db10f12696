import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import { systemIdentity } from '../../auth/identity.js';
import type { LoginRole } from '../../db/cluster.js';
import { withOrg } from '../../db/with-org.js';
import type { TestDeployment } from '../support/test-deployment.js';
import { buildCompartments, type Compartments } from './compartments.js';
import { withAdmin } from './data-digest.js';
import { codeOf, denied, type Kind, pidOf, RawConnections, rolledBack, rowRoles } from './raw-connections.js';
import type { Seed } from './seed.js';
import { idsAndNamesOf } from './sweep/known.js';

/*
 * What statements can do that an attacker has brought into the connection of a run-time role: everything below is plain
 * SQL with the credentials of that role. Each refusal stands beside something that the same connection may do.
 */
let compartments: Compartments;
let deployment: TestDeployment;
let raw: RawConnections;
let a: Seed;
let b: Seed;

beforeAll(async () => {
  compartments = await buildCompartments();
  ({ deployment, a, b } = compartments);
  raw = new RawConnections(deployment);
});
afterAll(async () => {
  await raw.close();
  await deployment.stop();
});

/** Tables of a database that a role may read something of. */
async function readableTables(kind: Kind, role: LoginRole): Promise<string[]> {
  return withAdmin(deployment.adminUrl(kind), async (sql) => {
    const rows = await sql<{ name: string }[]>`
      select c.oid::regclass::text as name from pg_class c
      join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('app', 'audit', 'vault', 'platform')
      where c.relkind in ('r', 'p', 'v') and has_any_column_privilege(${role}, c.oid, 'select')`;
    return rows.map((row) => row.name);
  });
}

/** Organizations of which a transaction sees any row. */
async function seenOrganizations(tx: postgres.TransactionSql, tables: readonly string[]): Promise<string[]> {
  const seen = new Set<string>();
  for (const table of tables) {
    for (const row of await tx`select distinct org_id from ${tx(table)}`) seen.add(row['org_id']);
  }
  return [...seen];
}

describe.each(rowRoles)('settings of a connection of %s', (role, kind) => {
  let sql: postgres.Sql;
  let pid: number;
  let tables: string[];
  beforeAll(async () => {
    sql = raw.as(role, kind);
    pid = await pidOf(sql);
    tables = await readableTables(kind, role);
  });

  /** What a transaction sees after some settings, made for the transaction or for the whole session. */
  const seenWith = (settings: Readonly<Record<string, string>>, isLocal = true) =>
    rolledBack(sql, async (tx) => {
      for (const [name, value] of Object.entries(settings)) await tx`select set_config(${name}, ${value}, ${isLocal})`;
      return seenOrganizations(tx, tables);
    });

  it('show the rows of the organization whose context was signed for this connection', async () => {
    expect(tables.length).toBeGreaterThan(0);
    expect(await seenWith({ 'app.context': raw.contextOf(a, pid) })).toEqual([a.ids.organization]);
    expect(await seenWith({ 'app.context': raw.contextOf(b, pid) })).toEqual([b.ids.organization]);
  });

  it('show nothing without a context, before one and after one', async () => {
    expect(await seenWith({})).toEqual([]);
    expect(await seenWith({ 'app.context': '' })).toEqual([]);
  });

  it('show nothing for a context that is forged, captured or old', async () => {
    const own = raw.contextOf(a, pid);
    const captured = raw.contextOf(b, pid + 1);
    const worthless = {
      garbage: 'x'.repeat(500),
      unsigned: JSON.stringify({ org: b.ids.organization }),
      'another payload under the same signature': own.replaceAll(a.ids.organization, b.ids.organization),
      'signed with another key': raw.forge(own, { org: b.ids.organization }, randomBytes(32)),
      'signed with no key': raw.forge(own, { org: b.ids.organization }, Buffer.alloc(32)),
      'captured on another connection': captured,
      'its own, of another connection': raw.contextOf(a, pid + 1),
      'captured, with this connection written into it': captured.replace(`\n${pid + 1}\n`, `\n${pid}\n`),
      'past its end': raw.forge(own, { expires: String(Date.now() / 1000 - 1) }),
      'without an end': raw.forge(own, { expires: '' }),
      'without a connection': raw.forge(own, { pid: '' }),
    };
    for (const [what, context] of Object.entries(worthless)) {
      expect({ what, seen: await seenWith({ 'app.context': context }) }).toEqual({ what, seen: [] });
      expect({ what, entered: await codeOf(rolledBack(sql, (tx) => tx`select app.enter(${context})`)) }).toEqual({
        what,
        entered: 'BH001',
      });
    }
  });

  it('show nothing by other names, and nothing more beside a context', async () => {
    const names = ['app.org_id', 'app.org', 'app.lookup_org', 'app.tenant', 'bulkhead.org_id'];
    const settings = { ...Object.fromEntries(names.map((name) => [name, b.ids.organization])), 'app.listing': 'all' };
    expect(await seenWith(settings)).toEqual([]);
    expect(await seenWith({ ...settings, 'app.context': raw.contextOf(a, pid) })).toEqual([a.ids.organization]);
  });

  it('last no longer than the transaction that set them', async () => {
    await rolledBack(sql, (tx) => tx`select app.enter(${raw.contextOf(a, pid)})`);
    await sql.begin((tx) => tx`select app.enter(${raw.contextOf(a, pid)})`);
    expect(await seenWith({})).toEqual([]);
  });

  it('cannot switch row-level security off', async () => {
    const statements = ['set local row_security = off', `set local session_replication_role = replica`];
    for (const statement of statements) {
      const outcome = await rolledBack(sql, async (tx) =>
        codeOf(tx.unsafe(statement).then(() => tx`select from ${tx(tables[0]!)}`)),
      ).catch(() => denied);
      expect({ statement, outcome }).toEqual({ statement, outcome: denied });
    }
  });

  // The worker's queue of jobs (`graphile_worker`) belongs to no organization.
  it('cannot change a row under a context that reads', async () => {
    const changed = await rolledBack(sql, async (tx) => {
      await tx`select app.enter(${raw.contextOf(a, pid, 'read')})`;
      const columns = await tx<{ table: string; column: string }[]>`
        select table_schema || '.' || table_name as table, min(column_name) as column
        from information_schema.column_privileges
        where grantee = current_user and privilege_type = 'UPDATE' and table_schema in ('app', 'audit', 'vault') group by 1`;
      let count = 0;
      for (const { table, column } of columns) {
        count += (await tx.unsafe(`update ${table} set ${column} = ${column === 'sealed' ? `''` : column}`)).count;
      }
      return count;
    });
    expect(changed).toBe(0);
  });
});

describe('another role', () => {
  it.each(rowRoles)('cannot be taken by %s', async (role, kind) => {
    const sql = raw.as(role, kind);
    const roles = await sql<{ name: string }[]>`select rolname as name from pg_roles where rolname <> current_user`;
    expect(roles.length).toBeGreaterThan(10);
    for (const { name } of roles) {
      expect({ name, outcome: await codeOf(sql.unsafe(`set role "${name}"`)) }).toEqual({ name, outcome: denied });
      const session = await codeOf(sql.unsafe(`set session authorization "${name}"`));
      expect({ name, session }).toEqual({ name, session: denied });
    }
    expect(await codeOf(sql.unsafe(`set role ${role}`))).toBe('done');
  });

  it('cannot be made, changed or given rights', async () => {
    const sql = raw.as('bulkhead_gateway');
    for (const statement of [
      'create role intruder login superuser',
      'alter role bulkhead_gateway bypassrls',
      'alter role bulkhead_gateway superuser',
      `alter role bulkhead_owner login password 'known-to-the-intruder'`,
      'grant bulkhead_owner to bulkhead_gateway',
      'alter table app.places disable row level security',
      'alter table app.places owner to bulkhead_gateway',
      'create policy open on app.places for select using (true)',
      'drop policy visible on app.places',
      'truncate app.places',
      'drop table app.places',
      'alter function app.context() security invoker',
    ]) {
      expect({ statement, outcome: await codeOf(sql.unsafe(statement)) }).toEqual({ statement, outcome: denied });
    }
    // A grant of what one does not have is a warning and gives nothing.
    await sql.unsafe('grant select on platform.context_keys to bulkhead_gateway').catch(() => undefined);
    expect(await codeOf(sql`select from platform.context_keys`)).toBe(denied);
  });
});

describe('what has no organization', () => {
  it.each([...rowRoles, ['bulkhead_provisioner', 'operational']] as const)(
    'is out of reach of %s',
    async (role, kind) => {
      const sql = raw.as(role, kind);
      const platform = await withAdmin(deployment.adminUrl(kind), async (admin) => {
        const rows = await admin<{ name: string }[]>`
        select 'platform.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'platform' and c.relkind in ('r', 'p', 'v', 'm')`;
        return rows.map((row) => row.name);
      });
      expect(platform).toEqual(expect.arrayContaining(['platform.context_keys', 'platform.migrations']));
      const catalogues = [
        'pg_authid',
        'pg_shadow',
        'pg_user_mapping',
        'pg_largeobject',
        'pg_statistic',
        'pg_hba_file_rules',
      ];
      for (const table of [...platform, ...catalogues]) {
        expect({ table, outcome: await codeOf(sql`select * from ${sql(table)}`) }).toEqual({ table, outcome: denied });
      }
      expect(await codeOf(sql`select rolname from pg_roles`)).toBe('done');
    },
  );

  it('is not shown by statistics and by what other sessions run', async () => {
    await withAdmin(deployment.adminUrl('operational'), async (admin) => {
      await admin`analyze`;
      const known = await admin`select most_common_vals::text as text from pg_stats where schemaname = 'app'`;
      expect(known.map((row) => row['text']).join()).toContain(b.canary);
    });
    const sql = raw.as('bulkhead_gateway');
    const statistics = await sql`select s::text as text from pg_stats s where schemaname in ('app', 'audit')`;
    expect(statistics.map((row) => row['text']).join()).not.toMatch(/CANARY/);
    let queries = '';
    const deadline = Date.now() + 60_000;
    const look = async () => {
      const seen = await sql`select query from pg_stat_activity where pid <> pg_backend_pid()`;
      queries += seen.map((row) => row['query']).join('\n');
    };
    // A transaction of B that has entered its context and done nothing since: that statement is what is shown of it.
    await withOrg(deployment.operational, systemIdentity(b.ids.organization, 'test', 'test'), 'read', async () => {
      while (!queries.includes('app.enter') && Date.now() < deadline) await look();
    });
    const reads = Array.from({ length: 10 }, () => b.client.ok('{ sites(first: 10) { nodes { name } } }'));
    await Promise.all([...reads, ...Array.from({ length: 20 }, look)]);
    expect(queries).toContain('app.enter');
    expect(queries).not.toMatch(/CANARY|"org"|"grants"|[0-9a-f]{64}/);
    expect(queries).not.toContain(b.ids.organization);
  });
});

/** Functions that a role may execute, with arguments of their types made of one text. */
async function functionsFor(role: LoginRole, kind: Kind): Promise<{ name: string; types: string[] }[]> {
  return withAdmin(deployment.adminUrl(kind), async (sql) => {
    const rows = await sql<{ name: string; types: string[] }[]>`
      select p.oid::regproc::text as name,
             to_jsonb(array(select format_type(t, null) from unnest(p.proargtypes) t)) as types
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace and n.nspname in ('app', 'audit', 'platform', 'vault')
      where has_function_privilege(${role}, p.oid, 'execute') order by 1`;
    return [...rows];
  });
}

/** An argument of a type; null where the text cannot be one. */
function argumentOf(type: string, text: string): string {
  const isUuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(text);
  const literal = `'${text.replaceAll("'", "''")}'`;
  switch (type) {
    case 'text':
      return literal;
    case 'text[]':
      return `array[${literal}]`;
    case 'uuid':
      return isUuid ? `${literal}::uuid` : 'null';
    case 'uuid[]':
      return isUuid ? `array[${literal}]::uuid[]` : 'null';
    case 'integer':
    case 'bigint':
      return '1';
    case 'smallint[]':
    case 'integer[]':
    case 'bigint[]':
      return `'{1,1}'::${type}`;
    case 'boolean':
      return 'true';
    case 'platform.checkpoints':
      return `null::${type}`;
    case 'bytea':
      return `'\\x00'::bytea`;
    case 'jsonb':
      return `'{}'::jsonb`;
    case 'timestamp with time zone':
      return 'now()';
    case 'timestamp with time zone[]':
      return 'array[now()]';
    default:
      throw new Error(`what is an argument of type ${type}?`);
  }
}

describe.each(rowRoles)('functions that %s may execute', (role, kind) => {
  /** What a function answers, or the code of its refusal. */
  const call = (sql: postgres.Sql, name: string, types: readonly string[], text: string, context?: string) =>
    rolledBack(sql, async (tx) => {
      if (context !== undefined) await tx`select app.enter(${context})`;
      const args = types.map((type) => argumentOf(type, text)).join(', ');
      return tx
        .savepoint((inner) => inner.unsafe(`select to_jsonb(f)::text as answer from ${name}(${args}) f`))
        .then(
          (rows) => rows.map((row) => String(row['answer'])),
          (error: { code: string }) => [`refused ${error.code}`],
        );
    });

  /** Limits of an organization that has none of its own are the same for all. */
  const isDefaultLimit = (name: string, answer: string) =>
    name === 'platform.rate_limits_of_org' && /"burst": 100(0)?, "per_minute": 60\1}$/.test(answer);

  it('yield nothing without a context', async () => {
    const sql = raw.as(role, kind);
    const yielding: string[] = [];
    const nothing =
      /^(null|"?"?|\[\]|false|0|refused (BH001|42501|22004|22P02|23502|23514|P0001)|\{("?[a-z_]+"?:\s?(null|0),?\s?)*\})$/;
    for (const { name, types } of await functionsFor(role, kind)) {
      for (const answer of await call(sql, name, types, b.ids.site)) {
        if (!nothing.test(answer) && !isDefaultLimit(name, answer)) yielding.push(`${name}: ${answer}`);
      }
    }
    expect(yielding).toEqual([]);
  });

  it('yield nothing of B under the context of A, whatever they are given', async () => {
    const sql = raw.as(role, kind);
    const pid = await pidOf(sql);
    const differing: string[] = [];
    const values = idsAndNamesOf(b);
    const twins = new Map(idsAndNamesOf(compartments.sides.ghost).map(({ name, value }) => [name, value]));
    const functions = await functionsFor(role, kind);
    expect(functions.length).toBeGreaterThan(4);
    for (const { name, types } of functions.filter(({ types }) => types.some((type) => /text|uuid/.test(type)))) {
      for (const { name: what, value } of values) {
        const twin = twins.get(what)!;
        const foreign = await call(sql, name, types, value, raw.contextOf(a, pid));
        const never = await call(sql, name, types, twin, raw.contextOf(a, pid));
        // Ids of keys, 71 random bits, are looked up before any organization is known: a deployment has each once.
        if (name === 'platform.register_api_key' && foreign.join() === 'refused 23505') continue;
        // So are hooks, by ids with 74 random bits.
        if (name === 'platform.find_hook' && foreign.join() === JSON.stringify(b.ids.organization)) continue;
        const text = foreign.join().replaceAll(value, '<value>');
        if (text !== never.join().replaceAll(twin, '<value>')) differing.push(`${name}(${what}): ${text} / ${never}`);
        if (text.includes(b.canary)) differing.push(`${name}(${what}) shows ${text}`);
      }
    }
    expect(differing).toEqual([]);
  });

  it('answer for A under the context of A', async () => {
    const sql = raw.as(role, kind);
    const pid = await pidOf(sql);
    expect(await call(sql, 'app.org_id', [], '', raw.contextOf(a, pid))).toEqual([JSON.stringify(a.ids.organization)]);
    if (role !== 'bulkhead_gateway') return;
    const metrics = await call(sql, 'app.thing_metrics', ['uuid[]'], a.ids.thing, raw.contextOf(a, pid));
    expect(metrics.join()).toContain(a.canary);
  });
});
