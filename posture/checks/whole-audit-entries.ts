import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import type { Check } from '../check.js';

const faults = `
  select 'audit.entries.' || name || ' may be missing' as fault
  from unnest(array['org_id', 'id', 'at', 'actor_type', 'actor_id', 'action', 'resource', 'outcome', 'request_id']) name
  where not exists (select from pg_attribute a where a.attrelid = 'audit.entries'::regclass and a.attname = name
                    and a.attnotnull and not a.attisdropped)`;

/** Every entry of the audit log has moment, actor, action, resource and outcome. */
export const wholeAuditEntries: Check = {
  id: 'whole-audit-entries',
  title: 'Every entry of the audit log has moment, actor, action, resource and outcome',
  look: (context) => catalogueFinding(context, ['operational'], faults, 'none of these columns may be empty'),
};
