import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { startFault } from '../../db/embedded/start-fault.js';

/** A gateway whose supervisor was killed a moment ago is just leaving its port. */
const leavingMs = 1_500;
const pollMs = 50;

/**
 * Refuses, before anything slow, an address that cannot be listened on.
 * @throws BulkheadError UNAVAILABLE that says why and what to do
 */
export async function requireFreePort(host: string, port: number): Promise<void> {
  const deadline = Date.now() + leavingMs;
  for (;;) {
    const fault = await listenBriefly(host, port);
    if (fault === undefined) return;
    const code = fault.code ?? 'unknown fault';
    if (code !== 'EADDRINUSE' || Date.now() > deadline) throw startFault(complaint(code, host, port), fault);
    await delay(pollMs);
  }
}

function listenBriefly(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

function complaint(code: string, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return (
        `Port ${port} of ${host} is in use, perhaps by a Bulkhead that is already running. ` +
        `Stop that program, or choose another port: "PORT=${port === 65_535 ? 4000 : port + 1} npm start".`
      );
    case 'EACCES':
      return `Port ${port} is reserved for the administrator: choose one above 1023, such as "PORT=4000 npm start".`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST ${host} is no address of this machine: use 127.0.0.1, or 0.0.0.0 for all of its addresses.`;
    default:
      return `Bulkhead cannot listen on port ${port} of ${host} (${code}): choose others with PORT and HOST.`;
  }
}
