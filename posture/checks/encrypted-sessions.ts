import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import { sessionsOfBulkhead } from '../catalogue/sessions-of-bulkhead.js';
import type { Check } from '../check.js';

const faults = `
  select count(*) || ' sessions without TLS, ' || count(*) filter (where a.client_addr << '127.0.0.0/8' or a.client_addr = '::1')
         || ' of them on this machine' as fault
  from pg_stat_activity a join pg_stat_ssl s on s.pid = a.pid
  where (${sessionsOfBulkhead}) and a.client_addr is not null and not s.ssl
  having count(*) > 0
  union all
  select count(*) || ' sessions by ' || s.version from pg_stat_activity a join pg_stat_ssl s on s.pid = a.pid
  where (${sessionsOfBulkhead}) and s.ssl and s.version <> 'TLSv1.3'
  group by s.version
  union all select 'nobody sees sessions: give pg_read_all_stats to bulkhead_posture'
  where not pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')`;

/** Connections between Bulkhead and PostgreSQL are encrypted, by TLS 1.3. */
export const encryptedSessions: Check = {
  id: 'encrypted-sessions',
  title: 'Connections between Bulkhead and PostgreSQL use TLS 1.3',
  canWait: true,
  look: (context) => catalogueFinding(context, ['operational'], faults, 'every session by TCP uses TLS 1.3'),
};
