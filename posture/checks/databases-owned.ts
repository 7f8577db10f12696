import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import type { Check } from '../check.js';

const faults = `
  select d.datname || ' belongs to ' || r.rolname as fault from pg_database d join pg_roles r on r.oid = d.datdba
  where (d.datname = current_database() and r.rolname <> 'bulkhead_owner')
     or r.rolname in ('bulkhead_gateway', 'bulkhead_worker', 'bulkhead_vault_writer', 'bulkhead_vault_reader',
                      'bulkhead_posture', 'bulkhead_migrator')
     or (d.datname ~ '^t_[0-9a-f]{16}$' and r.rolname <> 'bulkhead_provisioner')
  union all select 'bulkhead_owner can log in' from pg_roles where rolname = 'bulkhead_owner' and rolcanlogin`;

/** No role that serves requests can drop a database. */
export const databasesOwned: Check = {
  id: 'databases-owned',
  title: 'No role that serves requests can drop a database',
  look: (context) =>
    catalogueFinding(
      context,
      ['operational'],
      faults,
      'databases belong to a role that cannot log in, those of telemetry to the provisioner',
    ),
};
