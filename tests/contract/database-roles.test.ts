import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import { packageRoot } from '../../db/package-root.js';
import { newDatabaseName } from '../../telemetry/database-name.js';
import { provisionDatabase } from '../../telemetry/provision-database.js';
import { connectAsAdmin } from '../support/admin-connection.js';
import { testCluster } from '../support/test-cluster.js';
import { openTwoDatabases, type TwoDatabases } from '../support/two-databases.js';

const markdown = readFileSync(join(packageRoot, 'docs', 'database.md'), 'utf8');

/** Databases in the order of the page, with the words that introduce their lists. */
const databases = [
  ['bulkhead', 'In `bulkhead`:'],
  ['bulkhead_vault', 'In `bulkhead_vault`:'],
  ['telemetry', 'In the telemetry database'],
] as const;
type Kind = (typeof databases)[number][0];

let copies: TwoDatabases;
let telemetry: postgres.Sql;
let organizationRole = '';

beforeAll(async () => {
  copies = await openTwoDatabases();
  const { passwords, port } = testCluster();
  const [here] = await copies.admin.operational<{ name: string }[]>`select current_database() as name`;
  organizationRole = newDatabaseName();
  await provisionDatabase({
    provisionerUrl: `postgres://bulkhead_provisioner:${passwords.bulkhead_provisioner}@127.0.0.1:${port}/${here?.name}`,
    database: organizationRole,
    role: organizationRole,
    password: randomBytes(24).toString('base64url'),
  });
  telemetry = connectAsAdmin(testCluster(), organizationRole);
});
afterAll(async () => {
  await telemetry?.end();
  await copies?.stop();
});

describe.each(databases)('docs/database.md, %s', (kind, words) => {
  it('lists every function that a run-time role may execute, and no other', async () => {
    expect(documentedFunctions(words)).toEqual(await executableFunctions(kind));
  });

  it('lists every right of a run-time role on a table or column, and no other', async () => {
    expect(documentedRights(words)).toEqual(await grantedRights(kind));
  });
});

describe('docs/database.md', () => {
  it('names every role', async () => {
    const roles = await copies.admin
      .operational`select rolname from pg_roles where rolname like 'bulkhead%' order by 1`;
    const [, section = ''] = markdown.split('\n## Roles\n');
    const [table = ''] = section.split('\n## ');
    const named = [...table.matchAll(/^\| `(bulkhead_\w+)` \| (yes|no) \|/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(roles.map(({ rolname }) => rolname));
  });

  it('says which roles log in', async () => {
    const roles = await copies.admin.operational`
      select rolname, case when rolcanlogin then 'yes' else 'no' end as logs_in from pg_roles where rolname like 'bulkhead%'`;
    for (const { rolname, logs_in } of roles) expect(markdown).toContain(`| \`${rolname}\` | ${logs_in} |`);
  });
});

function connection(kind: Kind): postgres.Sql {
  if (kind === 'telemetry') return telemetry;
  return kind === 'bulkhead' ? copies.admin.operational : copies.admin.vault;
}

/** Roles that a process uses, by the names that the page gives them; `public` stands for everybody. */
function roleName(role: string): string {
  return role === organizationRole ? 'organization' : role.replace(/^bulkhead_/, '');
}

/** Owners have all rights on what is theirs; the audit role owns functions. */
const isRuntime = (role: string) => !['bulkhead_owner', 'bulkhead_audit'].includes(role);

async function executableFunctions(kind: Kind): Promise<string[]> {
  const rows = await connection(kind)<{ name: string; role: string }[]>`
    select p.oid::regprocedure::text as name, case a.grantee when 0 then 'public' else a.grantee::regrole::text end as role
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    where n.nspname not in ('pg_catalog', 'information_schema') and a.grantee <> p.proowner`;
  return rows
    .filter(({ role }) => isRuntime(role))
    .map(({ name, role }) => `${name} ${roleName(role)}`)
    .sort();
}

async function grantedRights(kind: Kind): Promise<string[]> {
  const rows = await connection(kind)<{ name: string; role: string; privilege: string; column: string | null }[]>`
    select c.oid::regclass::text as name, case a.grantee when 0 then 'public' else a.grantee::regrole::text end as role,
           lower(a.privilege_type) as privilege, a.attname as column
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    cross join lateral (
      select grantee, privilege_type, null as attname from aclexplode(c.relacl)
      union all
      select x.grantee, x.privilege_type, t.attname from pg_attribute t cross join lateral aclexplode(t.attacl) x
      where t.attrelid = c.oid and not t.attisdropped) a
    where n.nspname not in ('pg_catalog', 'information_schema') and a.grantee <> c.relowner`;
  return rows
    .filter(({ role }) => isRuntime(role))
    .map(({ name, role, privilege, column }) => `${name} ${roleName(role)} ${privilege} ${column ?? '*'}`)
    .sort();
}

/** The part of the page from a heading and the words that introduce the list of one database. */
function listBelow(heading: string, words: string): string {
  const [, section = ''] = markdown.split(`\n## ${heading}\n`);
  const [here = ''] = section.split('\n## ');
  const [, list = ''] = here.split(`\n${words}`);
  return list.split('\n\nIn ')[0] ?? '';
}

function documentedFunctions(words: string): string[] {
  const rows = listBelow('Functions of run-time roles', words).matchAll(/^\| `([^`]+)` \| ([^|]+) \| [^|]+ \|$/gm);
  return [...rows].flatMap(([, name, roles = '']) => roles.split(', ').map((role) => `${name} ${role}`)).sort();
}

/** `schema.table`, then below it `role: right, right (column, column)`, which may go on in the next lines. */
function documentedRights(words: string): string[] {
  const [, block = ''] = /```text\n(.*?)\n```/s.exec(listBelow('Tables and columns of run-time roles', words)) ?? [];
  return block
    .replaceAll(/\n {4}/g, ' ')
    .split(/\n(?! )/)
    .flatMap((entry) => {
      const [table = '', ...lines] = entry.split('\n');
      return lines.flatMap((line) => {
        const [role = '', rights = ''] = line.trim().split(': ');
        return [...rights.matchAll(/(\w+)(?: \(([^)]*)\))?(?:, |$)/g)].flatMap(([, privilege, columns = '*']) =>
          columns.split(', ').map((column) => `${table} ${role} ${privilege} ${column}`),
        );
      });
    })
    .sort();
}
