import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import type { Check } from '../check.js';

const faults = `
  select r.rolname || ' can read ' || a.attname as fault
  from pg_attribute a cross join pg_roles r
  where a.attrelid = to_regclass('app.api_key_secrets') and a.attname = 'secret_hash'
    and r.rolname in ('bulkhead_gateway', 'bulkhead_worker', 'bulkhead_provisioner', 'bulkhead_posture')
    and has_column_privilege(r.oid, a.attrelid, a.attnum, 'SELECT')
  union all select 'secrets are not hashes of 32 bytes' where not exists (
    select from pg_constraint where conrelid = to_regclass('app.api_key_secrets') and contype = 'c'
      and pg_get_constraintdef(oid) ~ 'length\\(secret_hash\\) = 32')`;

/** Hashes of keys can be read by no role that runs. */
export const keySecretsHidden: Check = {
  id: 'key-secrets-hidden',
  title: 'Hashes of keys can be read by no role that runs',
  look: (context) =>
    catalogueFinding(context, ['operational'], faults, 'only the function that looks a key up reads them'),
};
