import { signedHeaders } from '../integrations/webhooks/standard-webhooks.js';
import type { Alert } from './alert.js';
import { alertMessage, messageId } from './alert-message.js';

/** Where alerts are sent. */
export interface AlertReceiver {
  /** Address that gets posts: http or https. */
  readonly url: string;
  /** Key that signs them by Standard Webhooks; unsigned without. */
  readonly key?: Buffer;
}

/** Milliseconds that the receiver may take. */
const timeoutMs = 10_000;

/**
 * Tells the receiver of alerts, in one post.
 * @throws Error with the code `HTTP_<status>`, unless it answers 2xx
 */
export async function tellReceiver(
  { url, key }: AlertReceiver,
  alerts: readonly Alert[],
  deployment: string,
): Promise<void> {
  const body = alertMessage(alerts, deployment);
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : signedHeaders(messageId(alerts), Date.now(), body, [key])),
    },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw Object.assign(new Error('the receiver refuses'), { code: `HTTP_${answer.status}` });
}
