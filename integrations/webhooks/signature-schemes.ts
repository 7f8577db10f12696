import type { Scheme } from '../catalog.js';
import { standardWebhooks } from './standard-webhooks.js';
import { stripe } from './stripe.js';
import type { SignatureScheme } from './verified-post.js';

/** How posts are signed, by the word for it in the catalog. */
export const signatureSchemes: Readonly<Record<Scheme, SignatureScheme>> = {
  STANDARD_WEBHOOKS: standardWebhooks,
  STRIPE: stripe,
};

/** Header fields that any scheme looks at. */
export const signatureHeaders: readonly string[] = Object.values(signatureSchemes).flatMap(({ headers }) => headers);
