import { hkdfSync } from 'node:crypto';
import type { OrganizationKeyRow } from '../db/tables/secrets.js';
import { decrypt, encrypt, keyBytes } from './authenticated-encryption.js';
import { hpkeSuite } from './hpke-suite.js';

/** A key pair of an organization, without what the root key protects. */
type KeyPlace = Pick<OrganizationKeyRow, 'orgId' | 'version' | 'publicKey'>;

/**
 * Makes the first key pair of an organization: the public half as it is, the private half wrapped.
 * @param rootKey root key of the deployment, 32 bytes
 * @param deployment id of the deployment, to which the private half is bound
 */
export async function newOrganizationKey(
  rootKey: Buffer,
  deployment: string,
  orgId: string,
): Promise<Omit<OrganizationKeyRow, 'createdAt'>> {
  const pair = await hpkeSuite.kem.generateKeyPair();
  const publicKey = Buffer.from(await hpkeSuite.kem.serializePublicKey(pair.publicKey));
  const privateKey = Buffer.from(await hpkeSuite.kem.serializePrivateKey(pair.privateKey));
  const place = { orgId, version: 1, publicKey };
  try {
    const wrappedPrivateKey = encrypt(wrappingKey(rootKey, orgId), privateKey, placeBytes(deployment, place));
    return { ...place, wrappedPrivateKey };
  } finally {
    privateKey.fill(0);
  }
}

/**
 * The private key of an organization, 32 bytes; to be wiped after use.
 * @throws SealBroken with another root key, or for a row that was altered: also one whose public half was exchanged
 */
export function unwrapPrivateKey(rootKey: Buffer, deployment: string, key: OrganizationKeyRow): Buffer {
  return decrypt(wrappingKey(rootKey, key.orgId), key.wrappedPrivateKey, placeBytes(deployment, key));
}

/** One wrapping key an organization (HKDF, RFC 5869), so that no two organizations' keys are ever under the same one. */
function wrappingKey(rootKey: Buffer, orgId: string): Buffer {
  if (rootKey.length !== keyBytes) throw new RangeError(`the root key has ${keyBytes} bytes`);
  return Buffer.from(hkdfSync('sha256', rootKey, '', `vault organization key|${orgId}`, keyBytes));
}

function placeBytes(deployment: string, { orgId, version, publicKey }: KeyPlace): Buffer {
  return Buffer.from(`v1|organization key|${deployment}|${orgId}|${version}|${publicKey.toString('hex')}`, 'utf8');
}
