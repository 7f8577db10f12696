import { hkdfSync, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import { decrypt, encrypt, keyBytes } from '../../vault/authenticated-encryption.js';
import { DamagedObject } from '../backup-fault.js';

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

/** First bytes of a sealed object: what it is, and in which format. */
const magic = Buffer.from('BHB1');
const saltBytes = 32;
const purpose = 'bulkhead backup';

/**
 * Compresses (brotli, quality 1: the fastest, some 100 MB/s) and encrypts an object of a repository: `BHB1`, a random
 * salt of 32 bytes, then AES-256-GCM under a key of its own (HKDF-SHA-256 of the backup key and the salt).
 * @param key the backup key, 32 bytes
 * @param name full name of the object, authenticated with it: under another name it does not open
 */
export async function sealObject(key: Buffer, name: string, content: Buffer): Promise<Buffer> {
  const compressed = await compress(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  const salt = randomBytes(saltBytes);
  return Buffer.concat([magic, salt, encrypt(objectKey(key, salt), compressed, place(name))]);
}

/**
 * Opens what {@link sealObject} made with the same key for the same name.
 * @throws DamagedObject that names the object, when it is another one, damaged, or of another key
 */
export async function openObject(key: Buffer, name: string, sealed: Buffer): Promise<Buffer> {
  const body = magic.length + saltBytes;
  try {
    if (!sealed.subarray(0, magic.length).equals(magic)) throw new TypeError('no sealed object');
    const salt = sealed.subarray(magic.length, body);
    return await decompress(decrypt(objectKey(key, salt), sealed.subarray(body), place(name)));
  } catch (error) {
    throw new DamagedObject(`${name} does not open: it is damaged, another one, or of another key`, error);
  }
}

function objectKey(key: Buffer, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, purpose, keyBytes));
}

function place(name: string): Buffer {
  return Buffer.from(`${purpose}\n${name}`);
}
