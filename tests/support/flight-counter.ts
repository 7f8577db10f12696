import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to PostgreSQL that counts what passes. */
export interface FlightCounter {
  /** The address of a database by this way. */
  through(url: string): string;
  /** Counts the flights while `work` runs: what is sent until something is answered is one, however many statements. */
  count(work: () => Promise<unknown>): Promise<number>;
  close(): Promise<void>;
}

/** Starts a proxy before a PostgreSQL of this machine. */
export async function countFlights(postgresPort: number): Promise<FlightCounter> {
  let flights = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(postgresPort, '127.0.0.1');
    let isAnswered = true;
    client.on('data', (chunk) => {
      if (isAnswered) flights += 1;
      isAnswered = false;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      isAnswered = true;
      client.write(chunk);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    through: (url) => {
      const address = new URL(url);
      address.port = String(port);
      return address.href;
    },
    count: async (work) => {
      const before = flights;
      await work();
      return flights - before;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
