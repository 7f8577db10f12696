import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { type AddressFault, type CheckedAddress, checkedAddresses } from './checked-addresses.js';
import type { EgressPolicy } from './egress-policy.js';

/** Milliseconds for one attempt, from the look-up of the name to the end of the answer. */
export const attemptMs = 15_000;

/** Bytes of an answer that are read, and dropped; at more the connection is closed. */
const maxAnswerBytes = 64 * 1024;

/** Why there was no answer. */
export type PostFault = AddressFault | 'TIMED_OUT' | 'CONNECTION_FAILED' | 'TLS_FAILED';

/** What came of one attempt: the status of the answer, or why there was none. Nothing else of the answer is kept. */
export type PostOutcome = { readonly status: number } | { readonly fault: PostFault };

/** A post to be sent. */
export interface WebhookPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Sends a post, to an address that was checked, on a connection of its own. Redirections are not followed, and no proxy
 * of the environment is used.
 * @param stop ends the attempt
 * @throws the reason of `stop`
 */
export async function postWebhook(policy: EgressPolicy, post: WebhookPost, stop: AbortSignal): Promise<PostOutcome> {
  const timeout = AbortSignal.timeout(attemptMs);
  const signal = AbortSignal.any([stop, timeout]);
  try {
    const addresses = await raced(checkedAddresses(policy, post.url, signal), signal);
    if (typeof addresses === 'string') return { fault: addresses };
    return { status: await send(post, addresses, signal) };
  } catch (error) {
    stop.throwIfAborted();
    if (timeout.aborted) return { fault: 'TIMED_OUT' };
    return { fault: isOfTls(error) ? 'TLS_FAILED' : 'CONNECTION_FAILED' };
  }
}

/** The look-up of the system cannot be cancelled. */
function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    }),
  ]);
}

function send(
  { url, headers, body }: WebhookPost,
  addresses: readonly CheckedAddress[],
  signal: AbortSignal,
): Promise<number> {
  const bytes = Buffer.from(body, 'utf8');
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': bytes.length,
          'user-agent': 'Bulkhead',
          connection: 'close',
        },
        lookup: lookupOf(addresses),
        agent: false,
        signal,
        maxHeaderSize: 16 * 1024,
      },
      (answer) => {
        let length = 0;
        const finish = () => resolve(answer.statusCode ?? 0);
        answer.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length <= maxAnswerBytes) return;
          finish();
          answer.destroy();
        });
        answer.on('end', finish);
        answer.on('error', reject);
      },
    );
    sent.on('error', reject);
    // An answer that would change the protocol ends the request without an error: Node closes the connection.
    sent.on('upgrade', (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode ?? 101);
    });
    sent.on('close', () => reject(new Error('the connection was closed before an answer')));
    sent.end(bytes);
  });
}

/** Answers what was looked up and checked, whatever is asked for. */
function lookupOf(addresses: readonly CheckedAddress[]): LookupFunction {
  return (_name, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

function isOfTls(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/.test(code);
}
