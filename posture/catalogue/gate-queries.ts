/** A query of the catalogue that finds what must not be there. */
export interface GateQuery {
  /** What holds when it finds nothing. */
  readonly title: string;
  /** SQL of one statement; every row it returns is a fault, described by its column `fault`. */
  readonly sql: string;
}

const schemas = `('app', 'audit', 'vault')`;
const runtimeRoles = `('bulkhead_gateway', 'bulkhead_worker', 'bulkhead_vault_writer', 'bulkhead_vault_reader', 'bulkhead_provisioner', 'bulkhead_posture', 'bulkhead_backup')`;
const tables = `pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname in ${schemas} and c.relkind in ('r', 'p')`;

/** What row-level security rests on, asked of a migrated database itself: of a live one by checks, of a new one by tests. */
export const gateQueries = {
  forcedRowSecurity: {
    title: 'every table, partitions included, has row-level security enabled and forced',
    sql: `select c.oid::regclass::text as fault from ${tables} where not (c.relrowsecurity and c.relforcerowsecurity)`,
  },
  policies: {
    title: 'every table with row-level security has a policy',
    sql: `select c.oid::regclass::text as fault from ${tables}
          where c.relrowsecurity and not exists (select from pg_policy p where p.polrelid = c.oid)`,
  },
  noOpenPolicies: {
    title: 'no permissive policy is always true, and each has an expression for its command',
    sql: `select polrelid::regclass || '.' || polname as fault from pg_policy
          where polpermissive and (
            coalesce(pg_get_expr(polqual, polrelid), '') in ('true', '(true)')
            or coalesce(pg_get_expr(polwithcheck, polrelid), '') in ('true', '(true)')
            or (polqual is null and polwithcheck is null))`,
  },
  contextOncePerQuery: {
    title: 'policies read the context once per query: every call of a policy function stands in a sub-select',
    sql: `select polrelid::regclass || '.' || polname as fault
          from pg_policy, lateral (select coalesce(pg_get_expr(polqual, polrelid), '') || ' ' || coalesce(pg_get_expr(polwithcheck, polrelid), '') as text) e
          where regexp_replace(e.text, '\\( ?SELECT (app|platform)\\.\\w+\\([^()]*\\) AS \\w+\\)', '', 'g') ~ '(app|platform)\\.\\w+\\('
             or (e.text ~ 'current_setting' and e.text !~* '\\( ?SELECT ')`,
  },
  organizationOfTables: {
    title: 'every table has an organization, not null',
    sql: `select c.oid::regclass::text as fault from ${tables}
          left join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
          where a.attnotnull is distinct from true`,
  },
  organizationFirstInIndexes: {
    title: 'the organization is the first column of every index, unique ones foremost',
    sql: `select i.indexrelid::regclass::text as fault from pg_index i join ${tables} on c.oid = i.indrelid
          where not exists (select from pg_attribute a where a.attrelid = i.indrelid and a.attname = 'org_id' and a.attnum = i.indkey[0])`,
  },
  organizationFirstInReferences: {
    title: 'every foreign key carries the organization first on both sides',
    sql: `select con.conrelid::regclass || '.' || con.conname as fault from pg_constraint con
          join ${tables} on c.oid = con.conrelid
          where con.contype = 'f' and not exists (
            select from pg_attribute x join pg_attribute y on y.attrelid = con.confrelid and y.attnum = con.confkey[1]
            where x.attrelid = con.conrelid and x.attnum = con.conkey[1] and x.attname = 'org_id' and y.attname = 'org_id')`,
  },
  callersViews: {
    title: 'views run as their caller; no materialized view or foreign table is readable by a run-time role',
    sql: `select c.oid::regclass::text as fault from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname in ${schemas} and (
            (c.relkind = 'v' and not coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on'], false))
            or (c.relkind in ('m', 'f') and exists (
              select from pg_roles r where r.rolname in ${runtimeRoles} and has_table_privilege(r.oid, c.oid, 'select'))))`,
  },
  pinnedFunctions: {
    title: 'security definer functions pin their search_path and are not for PUBLIC',
    sql: `select p.oid::regprocedure::text as fault from pg_proc p join pg_namespace n on n.oid = p.pronamespace
          where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema') and (
            not exists (select from unnest(p.proconfig) s where s = 'search_path=pg_catalog, pg_temp')
            or p.proacl is null
            or exists (select from aclexplode(p.proacl) a where a.grantee = 0 and a.privilege_type = 'EXECUTE'))`,
  },
  noLeakproofFunctions: {
    title: 'no function is marked leakproof',
    sql: `select p.oid::regprocedure::text as fault from pg_proc p join pg_namespace n on n.oid = p.pronamespace
          where p.proleakproof and n.nspname not in ('pg_catalog', 'information_schema')`,
  },
  plainRoles: {
    title: 'run-time roles have no special right, own nothing and are members of nothing',
    sql: `select rolname || ' has a special right' as fault from pg_roles
          where rolname in ${runtimeRoles} and (rolsuper or rolbypassrls or (rolname <> 'bulkhead_backup' and rolreplication)
            or (rolname <> 'bulkhead_provisioner' and (rolcreaterole or rolcreatedb)))
          union all select c.oid::regclass || ' belongs to ' || r.rolname from pg_class c join pg_roles r on r.oid = c.relowner
          where r.rolname in ${runtimeRoles}
          union all select m.rolname || ' is a member of ' || g.rolname from pg_auth_members am
          join pg_roles m on m.oid = am.member join pg_roles g on g.oid = am.roleid
          where m.rolname in ('bulkhead_gateway', 'bulkhead_worker', 'bulkhead_vault_writer', 'bulkhead_vault_reader')`,
  },
  noRightsToShape: {
    title: 'run-time roles cannot truncate, refer, trigger, create or use temporary tables',
    sql: `select c.oid::regclass || ' ' || p || ' ' || r.rolname as fault from ${tables} cross join pg_roles r
          cross join unnest(array['TRUNCATE', 'REFERENCES', 'TRIGGER']) p
          where r.rolname in ${runtimeRoles} and has_table_privilege(r.oid, c.oid, p)
          union all select n.nspname || ' CREATE ' || r.rolname from pg_namespace n cross join pg_roles r
          where r.rolname in ${runtimeRoles} and n.nspname !~ '^pg_' and has_schema_privilege(r.oid, n.oid, 'CREATE')
          union all select 'database ' || p || ' ' || r.rolname from pg_roles r cross join unnest(array['TEMP', 'CREATE']) p
          where r.rolname in ${runtimeRoles} and has_database_privilege(r.oid, current_database(), p)`,
  },
  closedToPublic: {
    title: 'PUBLIC may connect to no database but template0, which accepts nobody',
    sql: `select datname::text as fault from pg_database d where datallowconn and has_database_privilege('public', d.oid, 'CONNECT')`,
  },
  auditRowsStay: {
    title: 'no run-time role can change or remove audit rows',
    sql: `select c.oid::regclass || ' ' || p || ' ' || r.rolname as fault from pg_class c
          join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'audit' and c.relkind in ('r', 'p')
          cross join pg_roles r cross join unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
          where r.rolname in ${runtimeRoles} and has_table_privilege(r.oid, c.oid, p)`,
  },
  usableIndexes: {
    title: 'indexed columns have a type whose = is leakproof, so that row-level security can use the index',
    sql: `select i.indexrelid::regclass || '.' || a.attname as fault from pg_index i join ${tables} on c.oid = i.indrelid
          join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
          join pg_type t on t.oid = a.atttypid
          where t.typtype = 'e' or t.typname in ('numeric', 'jsonb', 'tsvector') or t.typcategory = 'A'`,
  },
  closedPlatform: {
    title: 'run-time roles hold no right on tables of the platform',
    sql: `select c.oid::regclass || ' ' || p || ' ' || r.rolname as fault from pg_class c
          join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'platform' and c.relkind in ('r', 'p')
          cross join pg_roles r cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p
          where r.rolname in ${runtimeRoles} and has_table_privilege(r.oid, c.oid, p)`,
  },
  neededPolicies: {
    title: 'every policy is for roles that hold the right it bounds',
    sql: `select p.polrelid::regclass || '.' || p.polname || ' ' || r.rolname as fault
          from pg_policy p cross join unnest(p.polroles) role_id join pg_roles r on r.oid = role_id and r.rolname in ${runtimeRoles}
          where not case p.polcmd
            when 'r' then has_any_column_privilege(r.oid, p.polrelid, 'SELECT')
            when 'a' then has_any_column_privilege(r.oid, p.polrelid, 'INSERT')
            when 'w' then has_any_column_privilege(r.oid, p.polrelid, 'UPDATE')
            when 'd' then has_table_privilege(r.oid, p.polrelid, 'DELETE')
            else false end`,
  },
  closedQueue: {
    title: 'nobody but worker and backup has a right in the schema of the job queue, and they no more than rows',
    sql: `select n.nspname || ' ' || r.rolname as fault from pg_namespace n cross join pg_roles r
          where n.nspname = 'graphile_worker' and r.rolname in ${runtimeRoles} and r.rolname not in ('bulkhead_worker', 'bulkhead_backup')
            and has_schema_privilege(r.oid, n.oid, 'USAGE')
          union all select c.oid::regclass || ' ' || p || ' ' || r.rolname from pg_class c
          join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'graphile_worker' and c.relkind in ('r', 'p', 'v')
          cross join pg_roles r cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
          where r.rolname in ${runtimeRoles} and has_table_privilege(r.oid, c.oid, p)
            and (r.rolname not in ('bulkhead_worker', 'bulkhead_backup') or p in ('TRUNCATE', 'REFERENCES', 'TRIGGER'))
          union all select p.oid::regprocedure || ' PUBLIC' from pg_proc p
          join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'graphile_worker'
          where has_function_privilege('public', p.oid, 'EXECUTE')`,
  },
} as const satisfies Readonly<Record<string, GateQuery>>;

/** Name of a query of the gate. */
export type GateName = keyof typeof gateQueries;
