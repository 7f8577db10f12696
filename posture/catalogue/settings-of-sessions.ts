/**
 * Query of what `alter role … set` and `alter database … set` have left for sessions of Bulkhead's roles, or of all
 * roles in its databases: `whose` in words, `role` (empty for all), whether it holds `everywhere` or in one database only,
 * and `setting` as `name=value`.
 */
export const settingsOfSessions = `
  select coalesce(r.rolname, 'everybody') || coalesce(' in ' || d.datname, '') as whose,
         coalesce(r.rolname, '') as role, x.setdatabase = 0 as everywhere, c as setting
  from pg_db_role_setting x cross join unnest(x.setconfig) c
  left join pg_roles r on r.oid = x.setrole left join pg_database d on d.oid = x.setdatabase
  where (x.setrole = 0 or r.rolname ~ '^(bulkhead_|t_[0-9a-f]{16}$)')
    and (x.setdatabase = 0 or d.datdba in (
      select oid from pg_roles where rolname in ('bulkhead_owner', 'bulkhead_provisioner')))`;
