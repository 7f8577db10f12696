import type { OrganizationKeyRow, SealedSecretRow } from '../db/tables/secrets.js';
import { decrypt, keyBytes } from './authenticated-encryption.js';
import type { HeldKeys } from './held-keys.js';
import { encapsulatedKeyBytes, hpkeSuite, hpkeTagBytes } from './hpke-suite.js';
import { unwrapPrivateKey } from './new-organization-key.js';
import { SealBroken } from './seal-broken.js';
import { sealedFormatVersion } from './seal-secret.js';
import { secretPlaceBytes } from './secret-place.js';

/** First byte behind the version, the encapsulated key and the sealed data key. */
const keyEnd = 1 + encapsulatedKeyBytes;
const dataKeyEnd = keyEnd + keyBytes + hpkeTagBytes;

/**
 * Opens a secret: for the process that delivers to third parties, the only one that is given the root key and the
 * database role that may read sealed bytes.
 * @param rootKeys root keys of the deployment
 * @param deployment id of the deployment that sealed it
 * @param secret row as it is stored
 * @param organizationKey row of the organization with the secret's key version
 * @returns the value; whoever asked wipes it (`fill(0)`) after use
 * @throws SealBroken for altered bytes, another row's bytes, or another key; UnknownKey for a root key that is not there
 */
export async function openSecret(
  rootKeys: HeldKeys,
  deployment: string,
  secret: Pick<SealedSecretRow, 'orgId' | 'integrationId' | 'name' | 'version' | 'keyVersion' | 'sealed'>,
  organizationKey: OrganizationKeyRow,
): Promise<Buffer> {
  const { sealed } = secret;
  if (organizationKey.orgId !== secret.orgId || organizationKey.version !== secret.keyVersion) throw new SealBroken();
  if (sealed[0] !== sealedFormatVersion || sealed.length < dataKeyEnd) throw new SealBroken();
  const place = secretPlaceBytes({ deployment, ...secret });
  const privateKey = unwrapPrivateKey(rootKeys, deployment, organizationKey);
  const header = { encapsulated: sealed.subarray(1, keyEnd), sealedKey: sealed.subarray(keyEnd, dataKeyEnd) };
  const dataKey = await openDataKey(privateKey, place, header);
  try {
    return decrypt(dataKey, sealed.subarray(dataKeyEnd), place);
  } finally {
    dataKey.fill(0);
  }
}

async function openDataKey(
  privateKey: Buffer,
  place: Buffer,
  { encapsulated, sealedKey }: { encapsulated: Buffer; sealedKey: Buffer },
): Promise<Buffer> {
  try {
    const recipientKey = await hpkeSuite.kem.deserializePrivateKey(privateKey);
    return Buffer.from(await hpkeSuite.open({ recipientKey, enc: encapsulated, info: place }, sealedKey, place));
  } catch {
    // The library's errors say which step failed; nobody has to know.
    throw new SealBroken();
  } finally {
    privateKey.fill(0);
  }
}
