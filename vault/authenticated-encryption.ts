import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SealBroken } from './seal-broken.js';

/** Bytes of a key of AES-256. */
export const keyBytes = 32;
/** Bytes of a random IV (NIST SP 800-38D, 8.2.2). */
const ivBytes = 12;
/** Bytes of an authentication tag, the longest there is; shorter ones are refused. */
const tagBytes = 16;

/**
 * Encrypts with AES-256-GCM under a fresh random IV: IV, tag, then as many bytes as the plaintext has. A key may be used
 * for at most 2^32 messages (NIST SP 800-38D, 8.3).
 * @param place what the bytes are good for, authenticated with them and not stored: another place does not open them
 */
export function encrypt(key: Uint8Array, plaintext: Uint8Array, place: Uint8Array): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes }).setAAD(place);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
}

/**
 * Opens what {@link encrypt} made with the same key for the same place.
 * @throws SealBroken
 */
export function decrypt(key: Uint8Array, sealed: Buffer, place: Uint8Array): Buffer {
  if (sealed.length < ivBytes + tagBytes) throw new SealBroken();
  const iv = sealed.subarray(0, ivBytes);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes })
    .setAAD(place)
    .setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
  const plaintext = decipher.update(sealed.subarray(ivBytes + tagBytes));
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    throw new SealBroken();
  }
  return plaintext;
}
