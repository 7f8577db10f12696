import { createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds by which the moment of a signature may differ from ours, either way (Standard Webhooks 1.0, Stripe). */
export const toleranceSeconds = 300;

/** A post to a hook as it came. */
export interface HookPost {
  /** Header fields by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes of the body: signatures are of these, not of the JSON in them. */
  readonly body: Buffer;
}

/** A way of signing. */
export interface SignatureScheme {
  /** Header fields that a post must carry; all others are dropped. */
  readonly headers: readonly string[];
  /** Whether the post is signed with the secret, within the tolerance of a moment in milliseconds. */
  isSigned(post: HookPost, secret: string, nowMs: number): boolean;
  /** Id of the event, by which a repetition is known; undefined where there is none. */
  eventId(post: HookPost): string | undefined;
}

/** Whether a moment in seconds, as a header says it, is within the tolerance. */
export function isTimely(seconds: string, nowMs: number): boolean {
  return /^[0-9]{1,12}$/.test(seconds) && Math.abs(nowMs / 1000 - Number(seconds)) <= toleranceSeconds;
}

/** HMAC-SHA-256 of some parts in a row. */
export function hmac(key: Buffer, ...parts: readonly (string | Buffer)[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Compares in a time that does not depend on where they differ. */
export function isSame(expected: Buffer, presented: Buffer): boolean {
  return presented.length === expected.length && timingSafeEqual(expected, presented);
}
