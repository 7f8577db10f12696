import { type HookPost, hmac, isSame, isTimely, type SignatureScheme } from './verified-post.js';

/** Signatures of one header that are looked at. */
const maxSignatures = 10;

/**
 * The scheme of Stripe: `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>]`, HMAC-SHA-256 over `t.body` with the whole text
 * of the secret as key (https://docs.stripe.com/webhooks#verify-manually). The event id is in the body.
 */
export const stripe: SignatureScheme = {
  headers: ['stripe-signature'],

  isSigned({ headers, body }, secret, nowMs) {
    const fields = (headers['stripe-signature'] ?? '').split(',').map((field) => field.trim().split('=', 2));
    const valuesOf = (name: string) => fields.flatMap(([key, value = '']) => (key === name ? [value] : []));
    const [seconds = '', ...others] = valuesOf('t');
    if (others.length > 0 || !isTimely(seconds, nowMs)) return false;
    const expected = hmac(Buffer.from(secret, 'utf8'), `${seconds}.`, body);
    return valuesOf('v1')
      .slice(0, maxSignatures)
      .some((signature) => /^[0-9a-f]{64}$/.test(signature) && isSame(expected, Buffer.from(signature, 'hex')));
  },

  eventId({ body }: HookPost) {
    try {
      const { id } = JSON.parse(body.toString('utf8')) as { id?: unknown };
      return typeof id === 'string' ? id : undefined;
    } catch {
      return undefined;
    }
  },
};
