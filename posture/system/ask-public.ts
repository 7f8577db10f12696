import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { rootCertificates } from 'node:tls';

/** What the public address has answered. */
export interface PublicAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Milliseconds that an answer may take. */
const patienceMs = 5_000;

/**
 * Sends a GET to the public address as a client of the internet does, and follows no redirection.
 * @throws Error with a code when there is no answer
 */
export function askPublic(url: URL, authorities: readonly string[]): Promise<PublicAnswer> {
  const ca = authorities.length === 0 ? {} : { ca: [...rootCertificates, ...authorities] };
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestSecure : requestPlain;
    const request = send(url, { ...ca, agent: false, timeout: patienceMs }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    });
    request.once('timeout', () => request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    request.once('error', reject);
    request.end();
  });
}
