import { randomBytes } from 'node:crypto';
import { encrypt, keyBytes } from './authenticated-encryption.js';
import { hpkeSuite } from './hpke-suite.js';
import { type SecretPlace, secretPlaceBytes } from './secret-place.js';

/** Version of the format: the first byte of sealed bytes. */
export const sealedFormatVersion = 1;

/**
 * Seals a value to an organization's public key: whoever seals cannot open. A fresh data key encrypts the value
 * (AES-256-GCM), the public key encrypts the data key (HPKE), and both are bound to the place.
 *
 * Format: version, encapsulated key (65 bytes), sealed data key (48), IV (12), tag (16), ciphertext.
 * @param publicKey P-256 point, uncompressed, 65 bytes
 * @param value is not kept; wiping it is up to the caller
 */
export async function sealSecret(publicKey: Uint8Array, place: SecretPlace, value: Uint8Array): Promise<Buffer> {
  const bytes = secretPlaceBytes(place);
  const dataKey = randomBytes(keyBytes);
  try {
    const recipientPublicKey = await hpkeSuite.kem.deserializePublicKey(publicKey);
    const { enc, ct } = await hpkeSuite.seal({ recipientPublicKey, info: bytes }, dataKey, bytes);
    const header = [Buffer.of(sealedFormatVersion), Buffer.from(enc), Buffer.from(ct)];
    return Buffer.concat([...header, encrypt(dataKey, value, bytes)]);
  } finally {
    dataKey.fill(0);
  }
}
