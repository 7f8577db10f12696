import net from 'node:net';
import { Duplex } from 'node:stream';
import postgres from 'postgres';
import { type OpenProbe, Primary, probeMs } from './primary.js';
import { addressOf, type ServerHost, serverHosts } from './server-hosts.js';

/** Options of the driver. */
export type ConnectOptions = postgres.Options<Record<string, never>>;

/** Seconds between attempts to reconnect grow from the first, doubling, to the last. */
const backOffSeconds = { first: 0.1, last: 2 };

/** What is known of the primary, by the servers among which it is. */
const primaries = new Map<string, Primary>();

/**
 * Makes a pool of connections to the server of an address; where it names several, to the one that is the primary at
 * the time. Nothing is connected until the first query. Every connection of Bulkhead by an address is made here.
 * @param url may name several servers: `postgres://user:password@one:5432,two:5432/database`
 */
export function connect(url: string, options: ConnectOptions): postgres.Sql {
  const hosts = serverHosts(url);
  const [first] = hosts;
  if (first === undefined) throw new Error('an address has a server');
  const toOne = (host: ServerHost, more: ConnectOptions) => postgres(addressOf(url, host), more);
  return toOne(first, { backoff, ...options, ...toPrimary(hosts, (host) => toOne(host, probeOptions)) });
}

/** Options of a connection that is made to ask one question. */
export const probeOptions: ConnectOptions = {
  max: 1,
  connect_timeout: probeMs / 1000,
  fetch_types: false,
  connection: { application_name: 'bulkhead primary' },
  onnotice: () => {},
};

/**
 * Options that make the driver connect to the primary among several servers; none where there is one server.
 * The driver's own search is not used: it asks one server after the other, takes the first error of a server that is
 * starting for the last word, and tries without pause while none is there (postgres.js 3.4.9).
 */
export function toPrimary(hosts: readonly ServerHost[], open: OpenProbe): ConnectOptions {
  if (hosts.length < 2) return {};
  const primary = primaryAmong(hosts, open);
  const socket = () => socketToPrimary(primary);
  // Refused by the driver, should the server have become a standby since it was asked.
  return { socket, target_session_attrs: 'primary' } as ConnectOptions;
}

/** What is known of the primary among these servers; shared by all connections of the process. */
export function primaryAmong(hosts: readonly ServerHost[], open: OpenProbe): Primary {
  const key = JSON.stringify(hosts.map(({ host, port }) => [host, port]));
  let primary = primaries.get(key);
  if (primary === undefined) {
    primary = new Primary(hosts, open);
    primaries.set(key, primary);
  }
  return primary;
}

/** Seconds before an attempt, the driver's default being up to 20. @param attempt 1 for the first */
function backoff(attempt: number): number {
  return Math.min(backOffSeconds.last, backOffSeconds.first * 2 ** Math.max(0, attempt - 1));
}

/**
 * A socket to the primary. Where there is none it is one that ends with the reason: of an error the driver would never
 * recover.
 */
async function socketToPrimary(primary: Primary): Promise<Duplex> {
  try {
    const host = await primary.find();
    const socket = await connected(host);
    primary.keep(socket, host);
    return socket;
  } catch (error) {
    return endingWith(error as Error);
  }
}

/** Ends with its first write: what the driver could not write it would keep, and send it on its next connection. */
function endingWith(error: Error): Duplex {
  const socket = new Duplex({
    read: () => {},
    write: (_chunk, _encoding, done) => {
      done();
      socket.destroy(error);
    },
  });
  return socket;
}

function connected({ host, port }: ServerHost): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port });
    const late = setTimeout(() => socket.destroy(new ConnectTimeout()), probeMs);
    socket.once('error', reject);
    socket.once('close', () => clearTimeout(late));
    socket.once('connect', () => {
      clearTimeout(late);
      socket.off('error', reject);
      // The driver looks there for the name that the certificate has to have.
      resolve(Object.assign(socket, { host }));
    });
  });
}

/** A server did not accept a connection in time. */
class ConnectTimeout extends Error {
  readonly code = 'CONNECT_TIMEOUT';
}
