import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * What a key is for: EXTERNAL for other parties, ADMIN for the organization's own use, OPERATOR for who runs the
 * deployment.
 */
export type KeyType = keyof typeof prefixes;

/** What the text of a key says. All of it is a claim until the stored row of that id has confirmed hash and type. */
export interface ParsedKey {
  readonly type: KeyType;
  /** Name of the deployment that made the key: 1 to 16 of a to z and 0 to 9. */
  readonly environment: string;
  /** Public id, 12 base62 characters: what to look up and what may be logged. */
  readonly id: string;
  /** SHA-256 of the secret, 32 bytes. */
  readonly secretHash: Buffer;
}

/** A key that was just made. */
export interface GeneratedKey {
  /** The whole key: shown once, stored nowhere. */
  readonly text: string;
  /** Public id, 12 base62 characters. */
  readonly id: string;
  /** SHA-256 of the secret, 32 bytes: what is stored. */
  readonly secretHash: Buffer;
}

/** Longest text that is looked at as a key, in UTF-16 units; the longest real key has 74. */
export const maxKeyLength = 128;

const prefixes = { EXTERNAL: 'bhex', ADMIN: 'bhad', OPERATOR: 'bhop' } as const;
const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const environmentForm = /^[a-z0-9]{1,16}$/;
const idForm = /^[0-9A-Za-z]{12}$/;
const secretForm = /^[0-9A-Za-z]{32}$/;

/**
 * Makes a key: `<prefix>_<environment>_<id>_<secret>_<checksum>`. The secret has 32 base62 characters (190 bits) of the
 * system's random source, each drawn without modulo bias. The checksum, CRC-32 of everything before its underscore as
 * 6 base62 digits, tells typing errors and truncated copies from unknown keys; it protects nothing.
 *
 * @param id public id of the key that gets a new secret; a new id by default
 * @throws RangeError when `environment` is not 1 to 16 of a to z and 0 to 9, or `id` not 12 base62 characters
 */
export function generateKey(type: KeyType, environment: string, id = randomText(12)): GeneratedKey {
  if (!environmentForm.test(environment)) throw new RangeError('environment must be 1 to 16 of a to z and 0 to 9');
  if (!idForm.test(id)) throw new RangeError('id must be 12 base62 characters');
  const secret = randomText(32);
  const body = `${prefixes[type]}_${environment}_${id}_${secret}`;
  return { text: `${body}_${checksum(body)}`, id, secretHash: hash(secret) };
}

/** Reads the text of a key; undefined for everything that {@link generateKey} cannot have made. Never throws. */
export function parseKey(text: string): ParsedKey | undefined {
  if (text.length > maxKeyLength) return undefined;
  const fields = text.split('_');
  const [prefix, environment = '', id = '', secret = '', check] = fields;
  const type = keyTypes.find((candidate) => prefixes[candidate] === prefix);
  if (fields.length !== 5 || type === undefined) return undefined;
  if (!environmentForm.test(environment) || !idForm.test(id) || !secretForm.test(secret)) return undefined;
  if (checksum(`${prefix}_${environment}_${id}_${secret}`) !== check) return undefined;
  return { type, environment, id, secretHash: hash(secret) };
}

const keyTypes = Object.keys(prefixes) as readonly KeyType[];

function randomText(length: number): string {
  return Array.from({ length }, () => base62.charAt(randomInt(base62.length))).join('');
}

/** A plain hash suffices for secrets of at least 112 random bits (OWASP ASVS 5.0, 6.5.2). */
function hash(secret: string): Buffer {
  return createHash('sha256').update(secret, 'ascii').digest();
}

function checksum(body: string): string {
  let rest = crc32(body);
  let digits = '';
  while (digits.length < 6) {
    digits = base62.charAt(rest % base62.length) + digits;
    rest = Math.floor(rest / base62.length);
  }
  return digits;
}
