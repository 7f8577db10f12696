import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import type { Check } from '../check.js';

const faults = `
  select r.rolname || ' may connect to ' || d.datname as fault
  from pg_database d join pg_roles r on r.rolcanlogin and not r.rolsuper
  where d.datallowconn and has_database_privilege(r.oid, d.oid, 'CONNECT')
    and (d.datname ~ '^t_[0-9a-f]{16}$' or r.rolname ~ '^t_[0-9a-f]{16}$')
    and r.rolname <> d.datname and r.oid <> d.datdba and not pg_has_role(r.oid, d.datdba, 'MEMBER')
  union all select d.datname || ' has no role of its own' from pg_database d
  where d.datname ~ '^t_[0-9a-f]{16}$' and not exists (select from pg_roles r where r.rolname = d.datname)
  union all select r.rolname || ' has more than its own database' from pg_roles r
  where r.rolname ~ '^t_[0-9a-f]{16}$' and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication
    or exists (select from pg_auth_members m where m.member = r.oid))`;

/** Each organization has a telemetry database that only its own role enters. */
export const telemetryApart: Check = {
  id: 'telemetry-apart',
  title: 'Each organization has a telemetry database that only its own role enters',
  look: (context) =>
    catalogueFinding(context, ['operational'], faults, 'every telemetry role reaches one database, and none another'),
};
