import { hkdfSync } from 'node:crypto';
import { desc, eq } from 'drizzle-orm';
import type { Identity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { type OrganizationKeyRow, organizationKeys } from '../db/tables/secrets.js';
import { withOrg } from '../db/with-org.js';
import { decrypt, encrypt, keyBytes } from './authenticated-encryption.js';
import { hpkeSuite } from './hpke-suite.js';

/** A key pair of an organization, without what the root key protects. */
type KeyPlace = Pick<OrganizationKeyRow, 'orgId' | 'version' | 'publicKey'>;

/**
 * Makes the first key pair of an organization where it has none; run again, or by several at once, it changes nothing.
 * Only the worker can: its role alone may write keys, and it alone is given the root key.
 * @param vaultReader the vault as `bulkhead_vault_reader`
 * @param rootKey root key of the deployment, 32 bytes
 * @param deployment id of the deployment, to which the private key is bound
 * @returns the version of the organization's newest key
 */
export async function ensureOrganizationKey(
  vaultReader: Database,
  identity: Identity,
  rootKey: Buffer,
  deployment: string,
): Promise<number> {
  const present = await withOrg(vaultReader, identity, 'read', (tx) =>
    tx.db
      .select({ version: organizationKeys.version })
      .from(organizationKeys)
      .where(eq(organizationKeys.orgId, tx.orgId))
      .orderBy(desc(organizationKeys.version))
      .limit(1),
  );
  if (present[0] !== undefined) return present[0].version;
  const row = await newOrganizationKey(rootKey, deployment, identity.orgId);
  await withOrg(vaultReader, identity, 'write', (tx) =>
    tx.db.insert(organizationKeys).values(row).onConflictDoNothing(),
  );
  return row.version;
}

/**
 * The private key of an organization, 32 bytes; to be wiped after use.
 * @throws SealBroken with another root key, or for a row that was altered: also one whose public half was exchanged
 */
export function unwrapPrivateKey(rootKey: Buffer, deployment: string, key: OrganizationKeyRow): Buffer {
  return decrypt(wrappingKey(rootKey, key.orgId), key.wrappedPrivateKey, placeBytes(deployment, key));
}

async function newOrganizationKey(
  rootKey: Buffer,
  deployment: string,
  orgId: string,
): Promise<Omit<OrganizationKeyRow, 'createdAt'>> {
  const pair = await hpkeSuite.kem.generateKeyPair();
  const publicKey = Buffer.from(await hpkeSuite.kem.serializePublicKey(pair.publicKey));
  const privateKey = Buffer.from(await hpkeSuite.kem.serializePrivateKey(pair.privateKey));
  const place = { orgId, version: 1, publicKey };
  const wrappedPrivateKey = encrypt(wrappingKey(rootKey, orgId), privateKey, placeBytes(deployment, place));
  privateKey.fill(0);
  return { ...place, wrappedPrivateKey };
}

/** One wrapping key an organization (HKDF, RFC 5869), so that no two organizations' keys are ever under the same one. */
function wrappingKey(rootKey: Buffer, orgId: string): Buffer {
  if (rootKey.length !== keyBytes) throw new RangeError(`the root key has ${keyBytes} bytes`);
  return Buffer.from(hkdfSync('sha256', rootKey, '', `vault organization key|${orgId}`, keyBytes));
}

function placeBytes(deployment: string, { orgId, version, publicKey }: KeyPlace): Buffer {
  return Buffer.from(`v1|organization key|${deployment}|${orgId}|${version}|${publicKey.toString('hex')}`, 'utf8');
}
