import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import type { Administrator } from '../administrator.js';
import type { Binaries } from './binaries.js';
import { LaunchFailure, launchPostmaster } from './launch-postmaster.js';
import { type Postmaster, stopPostmaster } from './postmaster.js';
import { readPostmasterFile } from './postmaster-file.js';
import type { ServerUser } from './run-as.js';
import { logBytes, logTail } from './server-log.js';
import { defaultSettings } from './server-settings.js';

/** A PostgreSQL that nobody but us can reach: it listens at a socket in a private directory, and nowhere else. */
export interface PrivateServer {
  /** Connects as the superuser, with one connection, which the caller ends. */
  connect(database: string): Administrator;
  /** Fast shutdown; settles when PostgreSQL is gone. */
  stop(): Promise<void>;
}

/** What is started. */
export interface PrivateServerRequest {
  readonly dataDirectory: string;
  readonly binaries: Binaries;
  readonly user: ServerUser | undefined;
  /** Name of a superuser of the cluster. */
  readonly superuser: string;
  readonly logFile: string;
  /** Settings over those of an embedded server. */
  readonly settings: Readonly<Record<string, string>>;
  /** Ends it while it starts. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Part of the name of the socket; it listens at no port. */
const port = 5432;
const pollMs = 20;

/**
 * Starts PostgreSQL on a data directory and waits until it takes connections, recovery included.
 * @throws LaunchFailure when it ends instead
 */
export async function startPrivateServer(request: PrivateServerRequest): Promise<PrivateServer> {
  const { dataDirectory, binaries, user, superuser, logFile, signal, log } = request;
  signal.throwIfAborted();
  const sockets = mkdtempSync(join(tmpdir(), 'bulkhead-'));
  try {
    const access = join(sockets, 'access.conf');
    writeFileSync(access, 'local all all trust\n', { mode: 0o600 });
    if (user !== undefined) for (const path of [access, sockets]) chownSync(path, user.uid, user.gid);
    chmodSync(sockets, 0o700);
    const settings = {
      ...defaultSettings,
      ...request.settings,
      listen_addresses: '',
      unix_socket_directories: sockets,
      hba_file: access,
    };
    const parameters = ['-D', dataDirectory, '-p', String(port)].concat(
      Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    );
    const logStart = logBytes(logFile);
    const postmaster = await launchPostmaster({
      program: binaries.postgres,
      parameters,
      user,
      dataDirectory,
      logFile,
      log,
    });
    const end = () => void stopPostmaster(postmaster, binaries.pgCtl);
    signal.addEventListener('abort', end, { once: true });
    try {
      if (signal.aborted) end();
      await recovered(postmaster, dataDirectory, () => logTail(logFile, logStart));
    } finally {
      signal.removeEventListener('abort', end);
    }
    return {
      connect: (database) =>
        postgres({
          host: sockets,
          port,
          user: superuser,
          database,
          max: 1,
          fetch_types: false,
          idle_timeout: 0,
          max_lifetime: null,
          connection: { application_name: 'bulkhead recovery', TimeZone: 'UTC' },
          onnotice: () => {},
        }),
      stop: async () => {
        await stopPostmaster(postmaster, binaries.pgCtl);
        rmSync(sockets, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(sockets, { recursive: true, force: true });
    throw error;
  }
}

/** One that recovers counts as started, but takes no connections before it is done. */
async function recovered(postmaster: Postmaster, dataDirectory: string, tail: () => string): Promise<void> {
  const waiting = new AbortController();
  try {
    const ended = await Promise.race([postmaster.gone, ready(dataDirectory, waiting.signal)]);
    if (ended !== undefined) throw new LaunchFailure(ended, tail());
  } finally {
    waiting.abort();
  }
}

async function ready(dataDirectory: string, signal: AbortSignal): Promise<undefined> {
  while (!signal.aborted && readPostmasterFile(dataDirectory)?.status !== 'ready') await delay(pollMs);
}
