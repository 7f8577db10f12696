/** Condition on `pg_stat_activity`: a session of one of Bulkhead's roles, or of anybody in one of its databases. */
export const sessionsOfBulkhead = `
  usename ~ '^(bulkhead_|t_[0-9a-f]{16}$)' or datname in (
    select d.datname from pg_database d join pg_roles o on o.oid = d.datdba
    where o.rolname in ('bulkhead_owner', 'bulkhead_provisioner'))`;
