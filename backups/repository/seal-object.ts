import { hkdfSync, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import { decrypt, encrypt, keyBytes } from '../../vault/authenticated-encryption.js';
import { type HeldKeys, keyIdBytes } from '../../vault/held-keys.js';
import { UnknownKey } from '../../vault/seal-broken.js';
import { DamagedObject } from '../backup-fault.js';

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

/** First bytes of a sealed object: what it is, and in which format. */
const magic = Buffer.from('BHB2');
const saltBytes = 32;
const purpose = 'bulkhead backup';

/**
 * Compresses (brotli, quality 1: the fastest, some 100 MB/s) and encrypts an object of a repository: `BHB2`, the id
 * of the backup key (8 bytes), a random salt of 32 bytes, then AES-256-GCM under a key of its own (HKDF-SHA-256 of the
 * backup key and the salt).
 * @param keys backup keys, of which the current one seals
 * @param name full name of the object, authenticated with it: under another name it does not open
 */
export async function sealObject(keys: HeldKeys, name: string, content: Buffer): Promise<Buffer> {
  const compressed = await compress(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  const { id, key } = keys.current;
  const salt = randomBytes(saltBytes);
  return Buffer.concat([magic, Buffer.from(id, 'hex'), salt, encrypt(objectKey(key, salt), compressed, place(name))]);
}

/**
 * Opens what {@link sealObject} made with one of these keys for the same name.
 * @throws DamagedObject that names the object, when it is another one, damaged, or of another key
 */
export async function openObject(keys: HeldKeys, name: string, sealed: Buffer): Promise<Buffer> {
  const body = sealedHeadBytes + saltBytes;
  try {
    const id = backupKeyIdOf(sealed);
    if (id === undefined) throw new TypeError('no sealed object');
    const key = keys.withId(id);
    const salt = sealed.subarray(sealedHeadBytes, body);
    return await decompress(decrypt(objectKey(key, salt), sealed.subarray(body), place(name)));
  } catch (error) {
    if (error instanceof UnknownKey) throw new DamagedObject(`${name} does not open: ${error.message}`, error);
    throw new DamagedObject(`${name} does not open: it is damaged, another one, or of another key`, error);
  }
}

/** The first bytes of a sealed object, which say the key that has sealed it. */
export const sealedHeadBytes = magic.length + keyIdBytes;

/** Id of the backup key that has sealed an object, of which the head is enough; undefined for what is none. */
export function backupKeyIdOf(head: Buffer): string | undefined {
  if (head.length < sealedHeadBytes || !head.subarray(0, magic.length).equals(magic)) return undefined;
  return head.subarray(magic.length, sealedHeadBytes).toString('hex');
}

function objectKey(key: Buffer, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, purpose, keyBytes));
}

function place(name: string): Buffer {
  return Buffer.from(`${purpose}\n${name}`);
}
