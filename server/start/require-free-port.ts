import { createServer } from 'node:net';
import { startFault } from '../../db/embedded/start-fault.js';

/**
 * Refuses, before anything slow, an address that cannot be listened on.
 * @throws BulkheadError UNAVAILABLE that says why and what to do
 */
export async function requireFreePort(host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    await new Promise((resolve) => server.close(resolve));
  } catch (error) {
    throw startFault(complaint((error as NodeJS.ErrnoException).code ?? 'unknown fault', host, port), error);
  }
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
