import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Binaries, locateBinaries } from './binaries.js';
import { clusterLocation } from './cluster-location.js';
import { type EmbeddedServer, embeddedServer } from './embedded-server.js';
import { findRunning } from './find-running.js';
import { initializeCluster } from './initialize-cluster.js';
import { lockHome } from './lock-home.js';
import { freePort, isPortFree, loopback } from './loopback-port.js';
import { type Postmaster, stopPostmaster, watchPostmaster } from './postmaster.js';
import { prepareHome } from './prepare-home.js';
import { type ServerUser, serverUser } from './run-as.js';
import { shortenLog } from './server-log.js';
import { readServerRecord, type ServerRecord, serverRecordFile, writeServerRecord } from './server-record.js';
import { settingArguments } from './server-settings.js';
import { startFault } from './start-fault.js';
import { startPostmaster } from './start-postmaster.js';
import { requireFinished } from './unfinished-home.js';
import { prepareWalSpool, walSpoolOf } from './wal-spool.js';

/** How to start the embedded server. */
export interface EmbeddedServerOptions {
  /** Directory of this installation's state; made (0700) if it is not there. */
  readonly home: string;
  /** A directory with `postgres` and `initdb`, version 16 or later (PG_BIN); default: the npm package's. */
  readonly binDirectory?: string;
  /** PostgreSQL settings over `defaultSettings`, by PostgreSQL's names. Readable in the process list: no passwords. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether WAL is archived into the spool beside the data, from which somebody has to take it (default: it is not). */
  readonly archivesWal?: boolean;
  /** Gets one line for each thing an operator may want to know; default: none. */
  readonly log?: (line: string) => void;
}

/** Everything that is settled before PostgreSQL runs. */
interface Prepared {
  readonly home: string;
  readonly binaries: Binaries;
  readonly user: ServerUser | undefined;
  readonly record: ServerRecord;
  readonly settings: readonly string[];
  readonly logFile: string;
  readonly log: (line: string) => void;
}

/**
 * Starts the PostgreSQL of a home, which it makes at the first time, or takes over the one that a killed Bulkhead left
 * behind, and holds the lock of the home until `stop()`. Listens on 127.0.0.1 only, on a free port that stays the same
 * as long as nobody else takes it. Restart 0.1 s, first start about 1.5 s.
 * @throws BulkheadError CONFLICT when another Bulkhead runs on the home; UNAVAILABLE, with what to do, for everything
 * else that keeps it from starting.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { log = () => {} } = options;
  settingArguments(options.settings ?? {});
  const home = prepareHome(options.home);
  const lock = lockHome(home);
  try {
    requireFinished(home);
    const { dataDirectory, cacheDirectory } = clusterLocation(home);
    const user = serverUser(dataDirectory);
    const binaries = await locateBinaries({ binDirectory: options.binDirectory, user, cacheDirectory });
    const archiving = options.archivesWal === true ? prepareWalSpool(walSpoolOf(dataDirectory), user) : {};
    const settings = settingArguments({ ...options.settings, ...archiving });
    const fresh = !existsSync(join(dataDirectory, 'PG_VERSION'));
    if (fresh) log(`Making a PostgreSQL ${binaries.major} cluster in ${dataDirectory}`);
    const stored = fresh
      ? await initializeCluster({ home, dataDirectory, binaries, user })
      : existingRecord(home, dataDirectory, binaries.major);
    const record = { ...stored, dataDirectory };
    const logFile = join(home, 'postgres.log');
    shortenLog(logFile);

    const { port, postmaster } = await run({ home, binaries, user, record, settings, logFile, log });
    log(
      `PostgreSQL ${binaries.major} is ready on ${loopback}:${port} (pid ${postmaster.pid}, data in ${dataDirectory})`,
    );
    return embeddedServer({ record: { ...record, port }, postmaster, binaries, logFile, fresh, lock });
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function run(prepared: Prepared): Promise<{ port: number; postmaster: Postmaster }> {
  const { home, binaries, user, record, settings, logFile, log } = prepared;
  const { dataDirectory } = record;
  const started = (port: number) => [binaries.version, binaries.postgres, ...parameters(dataDirectory, port, settings)];

  const running = await findRunning(record, user);
  if (running !== undefined) {
    const postmaster = watchPostmaster(running);
    if (JSON.stringify(record.startedWith) === JSON.stringify(started(record.port))) {
      log(`Taking over PostgreSQL (pid ${running}) of a Bulkhead that was killed`);
      return { port: record.port, postmaster };
    }
    log(`Stopping PostgreSQL (pid ${running}) of a Bulkhead that was killed: its version or settings were other ones`);
    await stopPostmaster(postmaster, binaries.pgCtl);
  }

  const port = (await isPortFree(record.port)) ? record.port : await freePort();
  if (port !== record.port) log(`Port ${record.port} is taken by another program: PostgreSQL moves to ${port}`);
  writeServerRecord(home, { ...record, port, startedWith: started(port) });
  const launch = { program: binaries.postgres, parameters: parameters(dataDirectory, port, settings) };
  return { port, postmaster: await startPostmaster({ ...launch, user, dataDirectory, logFile, log }) };
}

function parameters(dataDirectory: string, port: number, settings: readonly string[]): string[] {
  const listening = ['-c', `listen_addresses=${loopback}`, '-c', 'unix_socket_directories='];
  return ['-D', dataDirectory, '-p', String(port), ...listening, ...settings];
}

function existingRecord(home: string, dataDirectory: string, major: number): ServerRecord {
  const existing = readFileSync(join(dataDirectory, 'PG_VERSION'), 'utf8').trim();
  if (existing !== String(major)) {
    throw startFault(
      `The data in ${dataDirectory} was made by PostgreSQL ${existing}, but the programs are of PostgreSQL ${major}. ` +
        `Set PG_BIN to the bin directory of a PostgreSQL ${existing} to go on with it. To move it to ${major}, dump it ` +
        `with pg_dumpall of ${existing} and load the dump into a new home.`,
    );
  }
  const record = readServerRecord(home);
  if (record !== undefined) return record;
  throw startFault(
    `There is PostgreSQL data of this home in ${dataDirectory}, but ${serverRecordFile(home)} with its password is ` +
      'not there. Restore that file from a copy; if home was deleted on purpose, delete the data too.',
  );
}
