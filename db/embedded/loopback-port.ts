import { type AddressInfo, createServer } from 'node:net';

/** The only address that embedded PostgreSQL listens on. */
export const loopback = '127.0.0.1';

/** A port of 127.0.0.1 that nobody listens on at this moment, from the system's range for passing ports. */
export async function freePort(): Promise<number> {
  return listenBriefly(0);
}

/** Whether nobody listens on the port of 127.0.0.1 at this moment. */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    await listenBriefly(port);
    return true;
  } catch {
    return false;
  }
}

function listenBriefly(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, loopback, () => {
      const taken = (server.address() as AddressInfo).port;
      server.close(() => resolve(taken));
    });
  });
}
