import { verifyArchive } from '../../audit/archive/verify-archive.js';
import type { AuditSigner } from '../../audit/audit-key.js';
import type { Administrator } from '../../db/administrator.js';
import type { OrganizationKeyRow, SealedSecretRow } from '../../db/tables/secrets.js';
import type { HeldKeys } from '../../vault/held-keys.js';
import { openSecret } from '../../vault/open-secret.js';
import { openTelemetryPassword } from '../../vault/telemetry-credential.js';
import { recoveryFault } from '../recovery-fault.js';

/** Organizations of which a secret, and a credential, is tried in each drill. */
const organizationsTried = 5;

/** The keys of the deployment that a drill tries. */
export interface DrillKeys {
  readonly rootKeys: HeldKeys;
  /** Seals the credentials of telemetry databases. */
  readonly telemetryKey: Buffer;
  readonly signer: AuditSigner;
  readonly deployment: string;
  /** Directory of the copies of the audit log. */
  readonly checkpointDirectory: string;
}

/**
 * Verifies the copies of the audit log, which have to contain the newest checkpoint of a restored database.
 * @returns how many segments there are; 0 where nothing was signed yet
 * @throws ArchiveFault for the first fault
 */
export async function checkAudit(operational: Administrator, keys: DrillKeys): Promise<number> {
  const [newest] = await operational<{ note: string }[]>`
    select note from platform.checkpoints order by generation desc, number desc limit 1`;
  if (newest === undefined) return 0;
  const question = { key: keys.signer, notes: [newest.note], keepsHashes: false };
  return verifyArchive(keys.checkpointDirectory, question).segments;
}

/**
 * Opens one secret each of some organizations of a restored vault with the root key, chosen by chance, and forgets them.
 * @returns how many were opened: 0 where there is none
 * @throws BulkheadError UNAVAILABLE when one does not open
 */
export async function checkSecrets(vault: Administrator, { rootKeys, deployment }: DrillKeys): Promise<number> {
  const secrets = await vault<SealedSecretRow[]>`
    select org_id as "orgId", integration_id as "integrationId", name, version, key_version as "keyVersion", sealed
    from (select distinct on (org_id) * from vault.secrets order by org_id, random()) one_each
    order by random() limit ${organizationsTried}`;
  for (const secret of secrets) {
    const [key] = await vault<OrganizationKeyRow[]>`
      select org_id as "orgId", version, public_key as "publicKey", wrapped_private_key as "wrappedPrivateKey",
             created_at as "createdAt"
      from vault.organization_keys where org_id = ${secret.orgId} and version = ${secret.keyVersion}`;
    if (key === undefined) throw new Error('a secret has no key');
    const value = await openSecret(rootKeys, deployment, secret, key).catch(broken('a secret', 'root key'));
    value.fill(0);
  }
  return secrets.length;
}

/**
 * Opens the credentials of some telemetry databases with the telemetry key, chosen by chance, and forgets them.
 * @returns how many were opened: 0 where there is none
 * @throws BulkheadError UNAVAILABLE when one does not open
 */
export async function checkCredentials(operational: Administrator, { telemetryKey }: DrillKeys): Promise<number> {
  const rows = await operational<{ orgId: string; databaseName: string; sealed: Buffer }[]>`
    select org_id as "orgId", database_name as "databaseName", sealed_password as sealed
    from platform.telemetry_databases order by random() limit ${organizationsTried}`;
  for (const { sealed, ...place } of rows) {
    try {
      openTelemetryPassword(telemetryKey, place, sealed);
    } catch (error) {
      broken('a credential of a telemetry database', 'telemetry key')(error);
    }
  }
  return rows.length;
}

function broken(what: string, key: string): (error: unknown) => never {
  return (error) => {
    throw recoveryFault(`${what} that was restored does not open with the ${key}`, error);
  };
}
