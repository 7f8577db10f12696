import { catalogueFinding } from '../catalogue/catalogue-finding.js';
import type { Check } from '../check.js';

const faults = `
  select r.rolname || ' may connect to the vault' as fault from pg_roles r
  where r.rolcanlogin and not r.rolsuper and has_database_privilege(r.oid, current_database(), 'CONNECT')
    and r.rolname not in ('bulkhead_migrator', 'bulkhead_vault_writer', 'bulkhead_vault_reader', 'bulkhead_posture')
    and not pg_has_role(r.oid, 'bulkhead_owner', 'MEMBER')
  union all select 'the gateway may read sealed bytes'
  where has_column_privilege('bulkhead_vault_writer', 'vault.secrets', 'sealed', 'SELECT')
  union all select 'posture may read sealed bytes'
  where has_any_column_privilege('bulkhead_posture', 'vault.secrets', 'SELECT')`;

/** Secrets of integrations lie apart: only the vault’s roles reach them. */
export const vaultClosed: Check = {
  id: 'vault-closed',
  title: 'Secrets of integrations lie apart: only the vault’s roles reach them',
  look: (context) =>
    catalogueFinding(context, ['vault'], faults, 'nobody else may connect, and the gateway cannot read sealed bytes'),
};
