import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import { sessionsOfBulkhead } from '../catalogue/sessions-of-bulkhead.js';
import type { Check } from '../check.js';

const faults = `
  select count(*) || ' sessions of ' || usename || ' from a public address' as fault from pg_stat_activity
  where (${sessionsOfBulkhead}) and client_addr is not null
    and not (client_addr << any (array['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10',
                                       '::1/128', 'fc00::/7', 'fe80::/10']::inet[]) or client_addr = '::1')
  group by usename
  union all select 'nobody sees addresses of sessions: give pg_read_all_stats to bulkhead_posture'
  where not pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')`;

/** Services are reached from this machine or private networks only. */
export const privatePeers: Check = {
  id: 'private-peers',
  title: 'Services are reached from this machine or private networks only',
  look: (context) =>
    catalogueFinding(
      context,
      ['operational'],
      faults,
      'all sessions of Bulkhead or in its databases come from private addresses',
    ),
};
