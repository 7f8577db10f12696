import type { Binaries } from './binaries.js';
import type { HomeLock } from './lock-home.js';
import { loopback } from './loopback-port.js';
import { type Postmaster, stopPostmaster } from './postmaster.js';
import { shortenLog } from './server-log.js';
import type { ServerRecord } from './server-record.js';

/** A running embedded PostgreSQL. It does not keep the process alive by itself. */
export interface EmbeddedServer {
  /** Address of a database for the superuser; a secret, since it holds the password. */
  adminUrl(database: string): string;
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Major version, e.g. 18. */
  readonly major: number;
  /** Whether this start made the cluster: it is empty then. */
  readonly fresh: boolean;
  /** Pid of PostgreSQL's first process, the postmaster. */
  readonly pid: number;
  /** PostgreSQL's data directory. */
  readonly dataDirectory: string;
  /**
   * Fast shutdown, after 8 s the immediate one; then gives the lock of home back. Settles when PostgreSQL is gone, at
   * once when it ended before; every further call answers the same.
   */
  stop(): Promise<void>;
  /** Calls the listener once, with how it ended, when PostgreSQL ends without `stop()`; also if it already has. */
  onExit(listener: (reason: string) => void): void;
}

/** What an EmbeddedServer is made of. */
export interface EmbeddedServerParts {
  readonly record: ServerRecord;
  readonly postmaster: Postmaster;
  readonly binaries: Binaries;
  readonly logFile: string;
  readonly fresh: boolean;
  readonly lock: HomeLock;
}

const logCheckMs = 60_000;

/** The handle of a PostgreSQL that runs; looks once a minute that its log does not grow without bound. */
export function embeddedServer(parts: EmbeddedServerParts): EmbeddedServer {
  const { record, postmaster, binaries, logFile, fresh, lock } = parts;
  const logCheck = setInterval(shortenLog, logCheckMs, logFile).unref();
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    try {
      await stopPostmaster(postmaster, binaries.pgCtl);
    } finally {
      clearInterval(logCheck);
      lock.release();
    }
  };
  return {
    adminUrl: (database) =>
      `postgres://${record.user}:${record.password}@${loopback}:${record.port}/${encodeURIComponent(database)}`,
    host: loopback,
    port: record.port,
    major: binaries.major,
    fresh,
    pid: postmaster.pid,
    dataDirectory: record.dataDirectory,
    stop() {
      stopping ??= stop();
      return stopping;
    },
    onExit(listener) {
      postmaster.gone.then((reason) => {
        if (stopping === undefined) listener(reason);
      });
    },
  };
}
