import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import { settingsOfSessions } from '../catalogue/settings-of-sessions.js';
import type { Check } from '../check.js';

const faults = `
  select r.rolname || ' has no ' || s as fault from pg_roles r cross join unnest(
    array['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']) s
  where r.rolname in ('bulkhead_gateway', 'bulkhead_worker', 'bulkhead_vault_writer', 'bulkhead_vault_reader')
    and not exists (
      select from pg_db_role_setting x cross join unnest(x.setconfig) c
      where x.setrole = r.oid and x.setdatabase = 0 and c ~ ('^' || s || '=[1-9][0-9]*s$'))
  union all select s.whose || ' has ' || s.setting from (${settingsOfSessions}) s
  where s.role in ('bulkhead_gateway', 'bulkhead_worker', 'bulkhead_vault_writer', 'bulkhead_vault_reader')
    and s.setting ~ '^(statement_timeout|lock_timeout|idle_in_transaction_session_timeout)='
    and s.setting !~ '=[1-9][0-9]*s$'`;

/** Statements of a role that runs end by themselves. */
export const boundedStatements: Check = {
  id: 'bounded-statements',
  title: 'Statements of a role that runs end by themselves',
  look: (context) =>
    catalogueFinding(context, ['operational'], faults, 'gateway, worker and vault roles have all three time-outs'),
};
