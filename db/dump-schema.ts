/** Runs one statement; all statements of a dump run on one connection, of a superuser. */
export type RunStatement = (statement: string) => Promise<readonly { readonly text: string }[]>;

/** The databases that are dumped, and the committed files. */
export const schemaDumps = [
  { kind: 'operational', file: 'db/schema.sql' },
  { kind: 'vault', file: 'db/vault-schema.sql' },
] as const;

/** Schemas that belong to PostgreSQL. */
const foreign = `('pg_catalog', 'information_schema', 'pg_toast')`;
/** The same and the job queue's, which the library makes by migrations of its own. */
const foreignObjects = `('pg_catalog', 'information_schema', 'pg_toast', 'graphile_worker')`;

const schemas = `
select format(E'create schema %I authorization %I;%s', n.nspname, n.nspowner::regrole, grants.text) as text
from pg_namespace n
cross join lateral (
  select coalesce(string_agg(line, '' order by line collate "C"), '') as text from (
    select format(E'\\ngrant %s on schema %I to %s;', string_agg(lower(a.privilege_type), ', ' order by a.privilege_type collate "C"),
                  n.nspname, case a.grantee when 0 then 'public' else a.grantee::regrole::text end) as line
    from aclexplode(n.nspacl) a where a.grantee <> n.nspowner group by a.grantee) g) grants
where n.nspname not in ${foreign} and n.nspname !~ '^pg_(toast_)?temp_'
order by n.nspname`;

const relations = `
select format(E'%s\\nalter table %s owner to %I;%s', definition.text, c.oid::regclass, c.relowner::regrole,
              concat(indexes.text, triggers.text, security.text, policies.text, grants.text, comments.text)) as text
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select string_agg(line, E',\\n' order by rank, line collate "C") as text from (
    select a.attnum as rank, format('  %I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
      case when a.attcollation <> t.typcollation then ' collate ' || a.attcollation::regcollation end,
      ' default ' || pg_get_expr(d.adbin, d.adrelid), case when a.attnotnull then ' not null' end) as line
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    union all
    select 10000, format('  constraint %I %s', o.conname, pg_get_constraintdef(o.oid))
    from pg_constraint o where o.conrelid = c.oid and o.contype <> 'n') lines) columns
cross join lateral (
  select case c.relkind
    when 'v' then format(E'create view %s%s as\\n%s', c.oid::regclass,
                         ' with (' || array_to_string(c.reloptions, ', ') || ')', pg_get_viewdef(c.oid))
    else format(E'create %stable %s (\\n%s\\n)%s;', case c.relpersistence when 'u' then 'unlogged ' end,
                c.oid::regclass, columns.text, ' partition by ' || pg_get_partkeydef(c.oid)) end as text) definition
cross join lateral (
  select string_agg(E'\\n' || pg_get_indexdef(i.indexrelid) || ';', '' order by i.indexrelid::regclass::text collate "C") as text
  from pg_index i
  where i.indrelid = c.oid and not exists (select from pg_constraint o where o.conindid = i.indexrelid)) indexes
cross join lateral (
  select string_agg(E'\\n' || pg_get_triggerdef(g.oid) || ';', '' order by g.tgname) as text
  from pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal) triggers
cross join lateral (
  select concat(case when c.relrowsecurity then format(E'\\nalter table %s enable row level security;', c.oid::regclass) end,
                case when c.relforcerowsecurity then format(E'\\nalter table %s force row level security;', c.oid::regclass) end)
         as text) security
cross join lateral (
  select string_agg(format(E'\\ncreate policy %I on %s%s for %s to %s%s%s;', p.polname, c.oid::regclass,
      case when not p.polpermissive then ' as restrictive' end,
      case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
      (select string_agg(case r when 0 then 'public' else r::regrole::text end, ', ' order by r::regrole::text collate "C")
       from unnest(p.polroles) r),
      E'\\n  using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
      E'\\n  with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'), '' order by p.polname) as text
  from pg_policy p where p.polrelid = c.oid) policies
cross join lateral (
  select string_agg(line, '' order by line collate "C") as text from (
    select format(E'\\ngrant %s on %s to %s;', string_agg(lower(a.privilege_type), ', ' order by a.privilege_type collate "C"),
                  c.oid::regclass, case a.grantee when 0 then 'public' else a.grantee::regrole::text end) as line
    from aclexplode(c.relacl) a where a.grantee <> c.relowner group by a.grantee
    union all
    select format(E'\\ngrant %s (%s) on %s to %s;', lower(a.privilege_type),
                  string_agg(quote_ident(t.attname), ', ' order by t.attnum), c.oid::regclass,
                  case a.grantee when 0 then 'public' else a.grantee::regrole::text end)
    from pg_attribute t cross join lateral aclexplode(t.attacl) a
    where t.attrelid = c.oid and not t.attisdropped group by a.grantee, a.privilege_type) g) grants
cross join lateral (
  select string_agg(format(E'\\ncomment on %s is %L;', coalesce('column ' || c.oid::regclass || '.' || quote_ident(a.attname),
                    'table ' || c.oid::regclass), d.description), '' order by d.objsubid) as text
  from pg_description d left join pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid and d.objsubid > 0
  where d.objoid = c.oid and d.classoid = 'pg_class'::regclass) comments
where n.nspname not in ${foreignObjects} and c.relkind in ('r', 'p', 'v') and not c.relispartition
order by c.oid::regclass::text collate "C"`;

const functions = `
select format(E'%s;\\nalter function %s owner to %I;%s', rtrim(pg_get_functiondef(p.oid), E'\\n'), p.oid::regprocedure,
              p.proowner::regrole, grants.text) as text
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
cross join lateral (
  select coalesce(string_agg(format(E'\\ngrant execute on function %s to %s;', p.oid::regprocedure,
    case a.grantee when 0 then 'public' else a.grantee::regrole::text end), ''
    order by case a.grantee when 0 then 'public' else a.grantee::regrole::text end collate "C"), '') as text
  from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee <> p.proowner) grants
where n.nspname not in ${foreignObjects} and p.prokind in ('f', 'p')
order by p.oid::regprocedure::text collate "C"`;

const defaults = `
select format('-- default privileges of %s on %s%s: %s', d.defaclrole::regrole,
              case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
                when 'T' then 'types' when 'n' then 'schemas' else d.defaclobjtype::text end,
              ' in ' || nullif(d.defaclnamespace, 0)::regnamespace, d.defaclacl) as text
from pg_default_acl d order by d.defaclrole::regrole::text collate "C", d.defaclobjtype, d.defaclnamespace`;

/** Objects that the queries above do not know: none is left out in silence. */
const unknown = `
select c.oid::regclass::text as text from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname not in ${foreignObjects} and c.relkind not in ('r', 'p', 'v', 'i', 'I')
union all
select t.oid::regtype::text from pg_type t join pg_namespace n on n.oid = t.typnamespace
where n.nspname not in ${foreignObjects} and t.typtype in ('d', 'e', 'r')
union all
select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname not in ${foreignObjects} and p.prokind not in ('f', 'p')
union all
select 'extension ' || extname from pg_extension where extname <> 'plpgsql'`;

/** What we put on the tables of the job queue. */
const queue = `
select format('-- %s, of the library%s%s', c.oid::regclass, case when c.relrowsecurity then ', row-level security' end,
              concat(indexes.text, triggers.text, grants.text)) as text
from pg_class c
cross join lateral (
  select string_agg(E'\\n' || pg_get_indexdef(i.indexrelid) || ';', '' order by i.indexrelid::regclass::text collate "C") as text
  from pg_index i where i.indrelid = c.oid and i.indexrelid::regclass::text like '%of_organization') indexes
cross join lateral (
  select string_agg(E'\\n' || pg_get_triggerdef(g.oid) || ';', '' order by g.tgname) as text
  from pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal) triggers
cross join lateral (
  select string_agg(format(E'\\ngrant %s%s on %s to %s;', lower(a.privilege_type), ' (' || a.attname || ')', c.oid::regclass,
                           case a.grantee when 0 then 'public' else a.grantee::regrole::text end),
                    '' order by a.grantee::regrole::text collate "C", a.privilege_type collate "C", a.attname) as text
  from (
    select grantee, privilege_type, null as attname from aclexplode(c.relacl)
    union all
    select x.grantee, x.privilege_type, t.attname from pg_attribute t cross join lateral aclexplode(t.attacl) x
    where t.attrelid = c.oid and not t.attisdropped) a
  where a.grantee <> c.relowner) grants
where c.relnamespace = to_regnamespace('graphile_worker') and c.relkind = 'r'
order by c.oid::regclass::text collate "C"`;

const header =
  '-- What the migrations make, read from the catalogue by `npm run dump-schema`: to be read, not to be run.';

/**
 * The schema of a database as text, the same for the same schema: schemas, tables and views with columns, constraints,
 * indexes, triggers, policies and grants, then functions and default privileges, all sorted by name. Partitions are left
 * out: they are data; so is what the library of the job queue makes, but for what we put on it.
 * @throws Error for an object of a kind that it does not describe
 */
export async function dumpSchema(run: RunStatement): Promise<string> {
  // Names are then written with their schema.
  await run('set search_path = pg_catalog');
  const strangers = await run(unknown);
  if (strangers.length > 0) throw new Error(`not described: ${strangers.map(({ text }) => text).join(', ')}`);
  const blocks = [header];
  for (const query of [schemas, relations, queue, functions, defaults]) {
    for (const { text } of await run(query)) blocks.push(text);
  }
  return `${blocks.join('\n\n')}\n`;
}
