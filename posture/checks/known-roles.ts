import { loginRoles } from '../../db/cluster.js';
import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import type { Check } from '../check.js';

const known = `('${loginRoles.join("', '")}')`;
const ours = `('bulkhead_owner', 'bulkhead_audit', '${loginRoles.join("', '")}')`;
const ofFiles = `('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')`;

/**
 * Roles that can log in and are neither Bulkhead's nor the administrator, and memberships of Bulkhead's roles beyond
 * those that it gives, and rights of those that own or migrate. The first superuser of a server, which initdb makes, is always there.
 */
const faults = (administrator: string) => `
  with strangers as (
    select r.oid, r.rolname, r.rolsuper from pg_roles r
    where r.rolcanlogin and r.oid <> 10 and r.rolname <> '${administrator.replaceAll("'", "''")}'
      and r.rolname not in ${known} and r.rolname !~ '^t_[0-9a-f]{16}$')
  select rolname || ' is a superuser' as fault from strangers where rolsuper
  union all select s.rolname || ' can become ' || r.rolname from strangers s join pg_roles r
    on r.oid <> s.oid and (r.rolsuper or r.rolname in ${ours} or r.rolname in ${ofFiles} or r.rolname ~ '^t_[0-9a-f]{16}$')
  where not s.rolsuper and pg_has_role(s.oid, r.oid, 'MEMBER')
  union all select s.rolname || ' may connect to ' || d.datname from strangers s
  join pg_database d on d.datallowconn and d.datdba in (
    select oid from pg_roles where rolname in ('bulkhead_owner', 'bulkhead_provisioner'))
  where not s.rolsuper and has_database_privilege(s.oid, d.oid, 'CONNECT')
  union all select rolname || ' has a special right' from pg_roles
  where rolname in ('bulkhead_owner', 'bulkhead_audit', 'bulkhead_migrator')
    and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)
  union all select m.rolname || ' is a member of ' || g.rolname from pg_auth_members a
  join pg_roles m on m.oid = a.member join pg_roles g on g.oid = a.roleid
  where m.rolname in ${ours} and not (
    (m.rolname = 'bulkhead_migrator' and g.rolname = 'bulkhead_owner')
    or (m.rolname = 'bulkhead_owner' and g.rolname = 'bulkhead_audit')
    or (m.rolname = 'bulkhead_provisioner' and g.rolname ~ '^t_[0-9a-f]{16}$')
    or (m.rolname = 'bulkhead_posture' and g.rolname in ('pg_read_all_settings', 'pg_read_all_stats')))`;

/** Nobody reaches the databases but the roles of Bulkhead and its administrator. */
export const knownRoles: Check = {
  id: 'known-roles',
  title: 'Nobody reaches the databases but the roles of Bulkhead and its administrator',
  look: (context) =>
    catalogueFinding(
      context,
      ['operational'],
      faults(context.configuration.administrator),
      'no other role that can log in is a superuser, can become one of ours, or may connect',
    ),
};
