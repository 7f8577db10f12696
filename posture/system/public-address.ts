import { type Finding, notProvided } from '../check.js';
import type { PostureContext } from '../posture-context.js';

/** The address by which clients reach Bulkhead; undefined where nothing stands in front of the gateway. */
export function publicAddress({ configuration }: PostureContext): URL | undefined {
  return configuration.publicUrl === undefined ? undefined : new URL(configuration.publicUrl);
}

/** What is said where there is none. */
export function nothingInFront(): Finding {
  return notProvided('no PUBLIC_URL: nothing that speaks TLS stands in front of the gateway');
}
