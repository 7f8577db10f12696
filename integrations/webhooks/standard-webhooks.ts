import { signingKey } from './signing-key.js';
import { type HookPost, hmac, isSame, isTimely, type SignatureScheme } from './verified-post.js';

/** Signatures of one header that are looked at. */
const maxSignatures = 10;

/**
 * Header fields of a post by Standard Webhooks 1.0: id, moment, and a signature `v1` (HMAC-SHA-256 over
 * `id.timestamp.body`) for each key, so that a receiver may know either while a key is being changed.
 * @param id the same in every attempt of a delivery: the receiver tells repetitions by it
 */
export function signedHeaders(
  id: string,
  atMs: number,
  body: string,
  keys: readonly Buffer[],
): Readonly<Record<string, string>> {
  const seconds = String(Math.floor(atMs / 1000));
  const signatures = keys.map((key) => `v1,${hmac(key, `${id}.${seconds}.`, body).toString('base64')}`);
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}

/** Standard Webhooks 1.0, with symmetric keys (`v1`). */
export const standardWebhooks: SignatureScheme = {
  headers: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],

  isSigned({ headers, body }, secret, nowMs) {
    const id = headers['webhook-id'] ?? '';
    const seconds = headers['webhook-timestamp'] ?? '';
    const key = signingKey(secret);
    if (key === undefined || id === '' || !isTimely(seconds, nowMs)) return false;
    const expected = hmac(key, `${id}.${seconds}.`, body);
    return presented(headers['webhook-signature'] ?? '').some((signature) => isSame(expected, signature));
  },

  eventId: ({ headers }: HookPost) => headers['webhook-id'],
};

function presented(header: string): Buffer[] {
  return header
    .split(' ')
    .filter((part) => part.startsWith('v1,'))
    .slice(0, maxSignatures)
    .map((part) => Buffer.from(part.slice('v1,'.length), 'base64'));
}
