import { roleSettings } from '../../db/cluster.js';
import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import { settingsOfSessions } from '../catalogue/settings-of-sessions.js';
import type { Check } from '../check.js';

const shipped = Object.entries(roleSettings)
  .flatMap(([role, settings]) => Object.entries(settings).map(([name, value]) => `('${role}', '${name}=${value}')`))
  .join(', ');

/** Organizations' roles have bounds on what one session holds, of seconds. */
const bounds = '^(statement_timeout|lock_timeout|idle_in_transaction_session_timeout)=[1-9][0-9]{0,1}s$';

const faults = `
  select s.whose || ' has ' || split_part(s.setting, '=', 1) || ', which is not of this version' as fault from (${settingsOfSessions}) s
  where not (s.everywhere and (s.role, s.setting) in (${shipped}))
    and not (s.everywhere and s.role ~ '^t_[0-9a-f]{16}$' and s.setting ~ '${bounds}')
  union all select 'row_security is off for everybody' from pg_settings where name = 'row_security' and setting <> 'on'
  union all select coalesce(r.rolname, 'everybody') || ' may set ' || p.parname
  from pg_parameter_acl p cross join aclexplode(p.paracl) a left join pg_roles r on r.oid = a.grantee
  where a.grantee = 0 or r.rolname ~ '^(bulkhead_|t_[0-9a-f]{16}$)'`;

/** Sessions of Bulkhead begin with the settings that this version gives its roles, and no others. */
export const shippedSettings: Check = {
  id: 'shipped-settings',
  title: 'Roles and databases have the settings of this version, and no others',
  look: (context) =>
    catalogueFinding(context, ['operational'], faults, 'no role or database of ours has a setting of anybody else'),
};
