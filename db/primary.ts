import type net from 'node:net';
import type postgres from 'postgres';
import type { ServerHost } from './server-hosts.js';

/** Milliseconds that a server has to say what it is. */
export const probeMs = 2000;
/** Milliseconds for which an answer holds: connections that are opened together ask once. */
const answerMs = 1000;
/** Milliseconds for which it holds that there is no primary: whoever asks meanwhile is refused at once. */
const refusalMs = 250;
/** Milliseconds between two looks whether the primary still is one, while there are connections to it. */
const watchMs = 2000;

/** Opens a connection to one server, for one question. */
export type OpenProbe = (host: ServerHost) => postgres.Sql;

/** None of the servers is a primary that can be reached. */
class NoPrimary extends Error {
  readonly code = 'NO_PRIMARY';

  constructor(causes: readonly unknown[]) {
    super('none of the servers is a primary that answers', { cause: causes });
  }
}

/** Faults that another server has no better answer to: of the password, the user, the database. */
const ours = ['28P01', '28000', '3D000'];

/**
 * Which of several servers is the primary, as this process knows it. All are asked at once, so that one that is gone
 * without a word costs no time. While there are connections, the question is repeated every 2 s, and those to a server
 * that no longer is the primary are closed: one that is gone without a word would hold them until TCP gives up.
 */
export class Primary {
  readonly #hosts: readonly ServerHost[];
  readonly #open: OpenProbe;
  readonly #sockets = new Map<net.Socket, ServerHost>();
  #found: ServerHost | undefined;
  #refusal: unknown;
  #answeredAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<ServerHost> | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(hosts: readonly ServerHost[], open: OpenProbe) {
    this.#hosts = hosts;
    this.#open = open;
  }

  /**
   * The primary, as of the last second.
   * @throws Error with code NO_PRIMARY where none answers within 2 s; what a server says of user, password or database
   */
  find(): Promise<ServerHost> {
    const ageMs = performance.now() - this.#answeredAtMs;
    if (this.#asking !== undefined) return this.#asking;
    if (this.#refusal !== undefined && ageMs < refusalMs) return Promise.reject(this.#refusal);
    if (this.#refusal === undefined && this.#found !== undefined && ageMs < answerMs) {
      return Promise.resolve(this.#found);
    }
    return this.#ask();
  }

  /** Closes the connection when its server is no longer the primary. */
  keep(socket: net.Socket, host: ServerHost): void {
    this.#sockets.set(socket, host);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size > 0) return;
      clearInterval(this.#watch);
      this.#watch = undefined;
    });
    this.#watch ??= setInterval(() => void this.#look(), watchMs).unref();
  }

  #ask(): Promise<ServerHost> {
    this.#asking ??= this.#askAll()
      .then(
        (host) => {
          this.#refusal = undefined;
          this.#found = host;
          return host;
        },
        (refusal) => {
          this.#refusal = refusal;
          throw refusal;
        },
      )
      .finally(() => {
        this.#answeredAtMs = performance.now();
        this.#asking = undefined;
      });
    return this.#asking;
  }

  /** The last one first: were there two for a moment, connections would move to and fro. */
  async #askAll(): Promise<ServerHost> {
    const answers = new Map(this.#hosts.map((host) => [host, this.#askOne(host)]));
    const all = Promise.any(answers.values());
    all.catch(() => {});
    const last = this.#found === undefined ? undefined : answers.get(this.#found);
    try {
      return await (last ?? all);
    } catch {
      return await all.catch((error: unknown) => {
        throw refusalOf(error instanceof AggregateError ? error.errors : [error]);
      });
    }
  }

  async #askOne(host: ServerHost): Promise<ServerHost> {
    const sql = this.#open(host);
    const late = setTimeout(() => void sql.end({ timeout: 0 }), probeMs);
    try {
      const [row] = await sql<{ isStandby: boolean }[]>`select pg_is_in_recovery() as "isStandby"`;
      if (row?.isStandby !== false) throw new Error('a standby');
      return host;
    } finally {
      clearTimeout(late);
      void sql.end({ timeout: 0 });
    }
  }

  async #look(): Promise<void> {
    const primary = await this.#ask().catch(() => undefined);
    if (primary === undefined) return;
    for (const [socket, host] of this.#sockets) if (host !== primary) socket.destroy();
  }
}

function refusalOf(causes: readonly unknown[]): unknown {
  const own = causes.find((cause) => ours.includes(String((cause as { code?: unknown }).code)));
  return own ?? new NoPrimary(causes);
}
