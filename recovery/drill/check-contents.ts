import { verifyArchive } from '../../audit/archive/verify-archive.js';
import type { AuditSigner } from '../../audit/audit-key.js';
import type { Administrator } from '../../db/administrator.js';
import type { OrganizationKeyRow, SealedSecretRow } from '../../db/tables/secrets.js';
import type { HeldKeys } from '../../vault/held-keys.js';
import { openSecret } from '../../vault/open-secret.js';

/** The keys of the deployment that a drill tries. */
export interface DrillKeys {
  readonly rootKeys: HeldKeys;
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
 * Opens a secret of a restored vault with the root key that has wrapped its organization's, and forgets it.
 * @returns how many were opened: 0 where there is none
 * @throws SealBroken when it does not open
 */
export async function checkSecret(vault: Administrator, { rootKeys, deployment }: DrillKeys): Promise<number> {
  const [secret] = await vault<SealedSecretRow[]>`
    select org_id as "orgId", integration_id as "integrationId", name, version, key_version as "keyVersion", sealed
    from vault.secrets order by org_id, integration_id, name limit 1`;
  if (secret === undefined) return 0;
  const [key] = await vault<OrganizationKeyRow[]>`
    select org_id as "orgId", version, public_key as "publicKey", wrapped_private_key as "wrappedPrivateKey",
           created_at as "createdAt"
    from vault.organization_keys where org_id = ${secret.orgId} and version = ${secret.keyVersion}`;
  if (key === undefined) throw new Error('a secret has no key');
  (await openSecret(rootKeys, deployment, secret, key)).fill(0);
  return 1;
}
