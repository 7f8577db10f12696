import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';

/**
 * Hybrid public key encryption (RFC 9180), base mode: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. The suite of
 * the curve that the WebCrypto of every supported Node.js has without an experimental flag.
 */
export const hpkeSuite = new CipherSuite({
  kem: new DhkemP256HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** Bytes of the encapsulated key: a point of P-256, uncompressed (RFC 9180, 7.1). */
export const encapsulatedKeyBytes = 65;

/** Bytes that sealing adds to a message: the tag of AES-256-GCM. */
export const hpkeTagBytes = 16;
