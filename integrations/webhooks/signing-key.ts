/** Bytes of a key of Standard Webhooks. */
const bytes = { least: 24, most: 64 } as const;

/** What is wrong with a key of Standard Webhooks, in words without the value. */
export const signingKeyComplaint = `must be whsec_ and ${bytes.least} to ${bytes.most} bytes in base64, such as "echo whsec_$(openssl rand -base64 32)" prints`;

/**
 * The key of a secret of Standard Webhooks 1.0: `whsec_` and 24 to 64 bytes in base64.
 * @returns undefined for any other text
 */
export function signingKey(secret: string): Buffer | undefined {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  if (encoded === undefined) return undefined;
  const key = Buffer.from(encoded, 'base64');
  const isWhole = key.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '');
  return isWhole && key.length >= bytes.least && key.length <= bytes.most ? key : undefined;
}
