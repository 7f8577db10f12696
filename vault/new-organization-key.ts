import { hkdfSync } from 'node:crypto';
import type { OrganizationKeyRow } from '../db/tables/secrets.js';
import { decrypt, encrypt, keyBytes } from './authenticated-encryption.js';
import { type HeldKeys, keyIdBytes } from './held-keys.js';
import { hpkeSuite } from './hpke-suite.js';
import { SealBroken } from './seal-broken.js';

/** A key pair of an organization, without what the root key protects. */
type KeyPlace = Pick<OrganizationKeyRow, 'orgId' | 'version' | 'publicKey'>;

/**
 * Makes the first key pair of an organization: the public half as it is, the private half wrapped.
 * @param rootKeys root keys of the deployment
 * @param deployment id of the deployment, to which the private half is bound
 */
export async function newOrganizationKey(
  rootKeys: HeldKeys,
  deployment: string,
  orgId: string,
): Promise<Omit<OrganizationKeyRow, 'createdAt'>> {
  const pair = await hpkeSuite.kem.generateKeyPair();
  const publicKey = Buffer.from(await hpkeSuite.kem.serializePublicKey(pair.publicKey));
  const privateKey = Buffer.from(await hpkeSuite.kem.serializePrivateKey(pair.privateKey));
  const place = { orgId, version: 1, publicKey };
  try {
    return { ...place, wrappedPrivateKey: wrap(rootKeys, deployment, place, privateKey) };
  } finally {
    privateKey.fill(0);
  }
}

/**
 * The private key of an organization, 32 bytes; to be wiped after use.
 * @throws SealBroken for a row that was altered: also one whose public half was exchanged
 * @throws UnknownKey when the root key that has wrapped it is none of these
 */
export function unwrapPrivateKey(rootKeys: HeldKeys, deployment: string, key: OrganizationKeyRow): Buffer {
  const { wrappedPrivateKey } = key;
  if (wrappedPrivateKey.length < keyIdBytes) throw new SealBroken();
  const rootKey = rootKeys.withId(rootKeyIdOf(key));
  return decrypt(wrappingKey(rootKey, key.orgId), wrappedPrivateKey.subarray(keyIdBytes), placeBytes(deployment, key));
}

/**
 * The same private key under the current root key.
 * @throws SealBroken, UnknownKey as when it is unwrapped
 */
export function rewrapPrivateKey(rootKeys: HeldKeys, deployment: string, key: OrganizationKeyRow): Buffer {
  const privateKey = unwrapPrivateKey(rootKeys, deployment, key);
  try {
    return wrap(rootKeys, deployment, key, privateKey);
  } finally {
    privateKey.fill(0);
  }
}

/** Id of the root key that has wrapped a private key: its first bytes. */
export function rootKeyIdOf({ wrappedPrivateKey }: Pick<OrganizationKeyRow, 'wrappedPrivateKey'>): string {
  return wrappedPrivateKey.subarray(0, keyIdBytes).toString('hex');
}

/** Id of the root key, then what is encrypted under it. */
function wrap(rootKeys: HeldKeys, deployment: string, place: KeyPlace, privateKey: Buffer): Buffer {
  const { id, key } = rootKeys.current;
  const encrypted = encrypt(wrappingKey(key, place.orgId), privateKey, placeBytes(deployment, place));
  return Buffer.concat([Buffer.from(id, 'hex'), encrypted]);
}

/** One wrapping key an organization (HKDF, RFC 5869), so that no two organizations' keys are ever under the same one. */
function wrappingKey(rootKey: Buffer, orgId: string): Buffer {
  return Buffer.from(hkdfSync('sha256', rootKey, '', `vault organization key|${orgId}`, keyBytes));
}

function placeBytes(deployment: string, { orgId, version, publicKey }: KeyPlace): Buffer {
  return Buffer.from(`v1|organization key|${deployment}|${orgId}|${version}|${publicKey.toString('hex')}`, 'utf8');
}
