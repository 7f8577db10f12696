import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import { settingsOfSessions } from '../catalogue/settings-of-sessions.js';
import type { Check } from '../check.js';

const faults = `
  select t.tgrelid::regclass || '.' || t.tgname || ' is disabled' as fault
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('app', 'audit', 'platform', 'vault', 'graphile_worker') and t.tgenabled <> 'O'
  union all select 'no trigger keep_revoked' from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'app' and c.relname = 'api_keys'
    and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'keep_revoked')
  union all select 'triggers do not run for ' || s.whose from (${settingsOfSessions}) s
  where s.setting ~ '^session_replication_role=' and s.setting <> 'session_replication_role=origin'
  union all select 'triggers do not run for anybody' from pg_settings
  where name = 'session_replication_role' and setting <> 'origin'`;

/** No trigger is switched off, by itself or for a session; those of foreign keys are triggers too. */
export const triggersEnabled: Check = {
  id: 'triggers-enabled',
  title: 'Triggers that keep revoked keys, ends of secrets and versions are active',
  look: (context) =>
    catalogueFinding(context, ['operational', 'vault'], faults, 'every trigger of both databases is active'),
};
