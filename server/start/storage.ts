import type { Logger } from 'pino';
import type { EmbeddedServer } from '../../db/embedded/embedded-server.js';
import { type HomeLock, lockHome } from '../../db/embedded/lock-home.js';
import { prepareHome } from '../../db/embedded/prepare-home.js';
import { startEmbeddedServer } from '../../db/embedded/start-embedded-server.js';
import { walSpoolOf } from '../../db/embedded/wal-spool.js';
import type { Configuration } from '../configuration.js';
import { restartDelayMs } from './back-off.js';

/** The PostgreSQL of a deployment, with the right to be the only Bulkhead on its home. */
export interface Storage {
  readonly isEmbedded: boolean;
  /** Address as administrator; a secret. */
  adminUrl(): string;
  /** Directory into which the embedded PostgreSQL archives its WAL; undefined where DATABASE_URL replaces it. */
  readonly spoolDirectory: string | undefined;
  /** Calls the listener when the embedded PostgreSQL was started again at another address. */
  onMoved(listener: () => void): void;
  /** Stops the embedded PostgreSQL and gives home back. */
  close(): Promise<void>;
}

/** Connections beside those of a gateway to telemetry databases: its others, the worker, operators, one more gateway. */
const otherConnections = 100;

/**
 * Locks home and starts its embedded PostgreSQL, unless DATABASE_URL names another one.
 * @throws BulkheadError CONFLICT when another Bulkhead runs on the home, UNAVAILABLE when PostgreSQL cannot be started
 */
export async function openStorage(configuration: Configuration, log: Logger): Promise<Storage> {
  const { BULKHEAD_HOME, DATABASE_URL, PG_BIN, TELEMETRY_POOLS } = configuration;
  if (DATABASE_URL !== undefined) return externalStorage(DATABASE_URL, lockHome(prepareHome(BULKHEAD_HOME)));
  const start = () =>
    startEmbeddedServer({
      home: BULKHEAD_HOME,
      ...(PG_BIN === undefined ? {} : { binDirectory: PG_BIN }),
      archivesWal: true,
      settings: { max_connections: String(2 * TELEMETRY_POOLS + otherConnections) },
      log: (line) => log.info(line),
    });
  return embeddedStorage(await start(), start, log);
}

function externalStorage(adminUrl: string, lock: HomeLock): Storage {
  return {
    isEmbedded: false,
    spoolDirectory: undefined,
    adminUrl: () => adminUrl,
    onMoved: () => {},
    close: async () => lock.release(),
  };
}

/** A server that ends by itself is started again, after 0.2 s, then after twice as long each time, up to 5 s. */
function embeddedStorage(first: EmbeddedServer, start: () => Promise<EmbeddedServer>, log: Logger): Storage {
  let server = first;
  let isClosing = false;
  let restart: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();
  const listeners: (() => void)[] = [];

  const watch = () => {
    server.onExit((reason) => {
      log.error({ reason }, 'PostgreSQL has ended and is started again');
      schedule(1);
    });
  };
  const schedule = (attempt: number) => {
    if (isClosing) return;
    restart = setTimeout(() => {
      underWay = startAgain(attempt);
    }, restartDelayMs(attempt));
  };
  const startAgain = async (attempt: number) => {
    try {
      const { port } = server;
      await server.stop();
      server = await start();
      watch();
      if (server.port !== port) for (const listener of listeners) listener();
    } catch (error) {
      log.error({ reason: error instanceof Error ? error.message : 'unknown' }, 'PostgreSQL cannot be started again');
      schedule(attempt + 1);
    }
  };
  watch();
  return {
    isEmbedded: true,
    spoolDirectory: walSpoolOf(first.dataDirectory),
    adminUrl: () => server.adminUrl('postgres'),
    onMoved: (listener) => listeners.push(listener),
    close: async () => {
      isClosing = true;
      clearTimeout(restart);
      await underWay;
      await server.stop();
    },
  };
}
