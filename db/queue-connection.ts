import type net from 'node:net';
import pg from 'pg';
import { connect, primaryAmong, probeOptions } from './connect.js';
import { addressOf, type ServerHost, serverHosts } from './server-hosts.js';

/** How the driver of the job queue's library connects. */
export interface QueueConnection {
  readonly connectionString: string;
  readonly Client: typeof pg.Client;
}

/**
 * A pool of connections for the library of the job queue.
 * @param url as in `queueConnection`
 */
export function openQueuePool(url: string, options: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({ ...options, ...queueConnection(url) });
  // The library notices a lost connection by its next statement; without a listener it would end the process.
  pool.on('error', () => {});
  return pool;
}

type Connected = (error: Error | null, client?: pg.Client) => void;

/**
 * What the driver of the job queue's library (`pg`, which knows of one server) needs for connecting to the server of an
 * address, or to the primary among several: options of `pg.Pool`.
 */
export function queueConnection(url: string): QueueConnection {
  const hosts = serverHosts(url);
  const [first] = hosts;
  if (first === undefined) throw new Error('an address has a server');
  const connectionString = addressOf(url, first);
  if (hosts.length === 1) return { connectionString, Client: pg.Client };
  const primary = primaryAmong(hosts, (host: ServerHost) => connect(addressOf(url, host), probeOptions));

  /** Looks for the primary when it connects. */
  class PrimaryClient extends pg.Client {
    override connect(): Promise<pg.Client>;
    override connect(callback: Connected): void;
    override connect(callback?: Connected): Promise<pg.Client> | undefined {
      const connecting = this.#connect();
      if (callback === undefined) return connecting;
      connecting.then(
        () => callback(null, this),
        (error: Error) => callback(error),
      );
      return undefined;
    }

    async #connect(): Promise<pg.Client> {
      const found = await primary.find();
      this.host = found.host;
      this.port = found.port;
      primary.keep((this.connection as unknown as { stream: net.Socket }).stream, found);
      return super.connect();
    }
  }
  return { connectionString, Client: PrimaryClient };
}
