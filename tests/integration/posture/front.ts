import { createServer as createPlainServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureVersion } from 'node:tls';
import { testCertificate, testPrivateKey } from '../../support/tls-certificate.js';

/** What a server of a test answers. */
export interface FrontAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A server that stands where another one should. */
export interface Front {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1; with a least version of TLS it speaks TLS. */
export async function startFront(
  answer: (request: IncomingMessage) => FrontAnswer,
  minVersion?: SecureVersion,
): Promise<Front> {
  const server: Server =
    minVersion === undefined
      ? createPlainServer()
      : createSecureServer({ cert: testCertificate, key: testPrivateKey, minVersion });
  server.on('request', (request, response) => {
    const { status, headers = {}, body = '' } = answer(request);
    request.resume();
    response.writeHead(status, { ...headers }).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: minVersion === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
