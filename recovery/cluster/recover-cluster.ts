import { chownSync, closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Binaries, locateBinaries } from '../../db/embedded/binaries.js';
import { LaunchFailure } from '../../db/embedded/launch-postmaster.js';
import { type PrivateServer, startPrivateServer } from '../../db/embedded/private-server.js';
import { type ServerUser, serverUser } from '../../db/embedded/run-as.js';
import { logBytes, logTail } from '../../db/embedded/server-log.js';
import { recoveryFault } from '../recovery-fault.js';
import type { RecoverySource } from './choose-source.js';
import { extractBase } from './extract-base.js';
import { WalWindow } from './wal-window.js';

/** Where WAL files lie for PostgreSQL while a data directory is recovered. */
export function walDirectoryOf(directory: string): string {
  return `${directory}.wal`;
}

/** How far a recovery is. */
export interface RecoveryProgress {
  readonly step: 'BASE' | 'WAL';
  /** Of the base backup. */
  readonly bytes: number;
  readonly totalBytes: number;
  /** That PostgreSQL was given. */
  readonly walFiles: number;
}

/** Where a cluster is recovered. */
export interface RecoveryRequest {
  readonly source: RecoverySource;
  /** Data directory to be made; beside it `<directory>.wal` for a while. */
  readonly directory: string;
  /** A directory with `postgres` (PG_BIN); default: the npm package's. */
  readonly binDirectory: string | undefined;
  /** Where a copy of the programs goes when node_modules cannot be used as it is. */
  readonly cacheDirectory: string;
  readonly logFile: string;
  /** Whether it is thrown away afterwards, so that nothing of it has to be safe from a power cut. */
  readonly isScratch: boolean;
  /** Ends it at once. */
  readonly signal: AbortSignal;
  /** Told about twice a second. */
  readonly onProgress: (progress: RecoveryProgress) => void;
}

/** A recovered cluster, which nobody but us can reach. */
export interface RecoveredCluster extends PrivateServer {
  readonly user: ServerUser | undefined;
  readonly binaries: Binaries;
  /** WAL files that PostgreSQL was given. */
  readonly walFiles: number;
  /** Moment of the last transaction that it has, in UTC, ISO 8601; null when none came after the base backup. */
  readonly lastCommitAt: string | null;
}

const progressMs = 500;

/**
 * Makes a cluster from a base backup and the WAL up to a moment, every file verified before PostgreSQL is started. It
 * archives nothing, and listens at a socket in a private directory only. What is interrupted or fails is removed.
 * @throws BulkheadError UNAVAILABLE that says what is damaged, or that the moment is not reached
 */
export async function recoverCluster(request: RecoveryRequest): Promise<RecoveredCluster> {
  const { source, directory } = request;
  const user = serverUser(directory);
  const { binDirectory, cacheDirectory } = request;
  const binaries = await locateBinaries({ binDirectory, user, cacheDirectory });
  requireMajor(binaries, source.base.postgresVersion);
  const walDirectory = walDirectoryOf(directory);
  const logStart = logBytes(request.logFile);
  let bytes = 0;
  let window: WalWindow | undefined;
  const tell = () => {
    const progress = { bytes, totalBytes: source.base.bytes, walFiles: window?.files ?? 0 };
    request.onProgress({ step: window === undefined ? 'BASE' : 'WAL', ...progress });
  };
  const timer = setInterval(tell, progressMs);
  try {
    await extractBase(source, directory, user, (more) => {
      request.signal.throwIfAborted();
      bytes += more;
    });
    makePrivate(walDirectory, user);
    window = new WalWindow(source, walDirectory, user);
    const server = await recover(request, binaries, user, window);
    tell();
    await window.close();
    markHistory(directory, user);
    return { ...server, user, binaries, walFiles: window.files, lastCommitAt: lastCommit(request.logFile, logStart) };
  } catch (error) {
    await window?.close();
    rmSync(directory, { recursive: true, force: true });
    request.signal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(timer);
    rmSync(walDirectory, { recursive: true, force: true });
  }
}

async function recover(
  { source, directory, logFile, isScratch, signal }: RecoveryRequest,
  binaries: Binaries,
  user: ServerUser | undefined,
  window: WalWindow,
): Promise<PrivateServer> {
  closeSync(openSync(join(directory, 'recovery.signal'), 'wx', 0o600));
  if (user !== undefined) chownSync(join(directory, 'recovery.signal'), user.uid, user.gid);
  const { to, timeline } = source;
  const settings = {
    // With it, recovery would want as many connections as the server had that was backed up.
    hot_standby: 'off',
    archive_mode: 'off',
    fsync: isScratch ? 'off' : 'on',
    restore_command: window.command,
    recovery_target_timeline: String(timeline),
    ...(to === undefined ? {} : { recovery_target_time: momentOf(to), recovery_target_action: 'promote' }),
  };
  try {
    const { superuser } = source.base;
    const server = { dataDirectory: directory, binaries, user, superuser, logFile, settings, signal };
    return await startPrivateServer({ ...server, log: () => {} });
  } catch (error) {
    if (window.fault !== undefined) throw window.fault;
    if (error instanceof LaunchFailure) throw described(error, to);
    throw error;
  }
}

function described(failure: LaunchFailure, to: Date | undefined): Error {
  if (/recovery ended before configured recovery target was reached/.test(failure.tail)) {
    return recoveryFault(
      `Nothing was committed after ${to?.toISOString() ?? 'it'} in the WAL that was archived: give a moment some ` +
        'seconds earlier, or none for the newest.',
      failure,
    );
  }
  return recoveryFault(`PostgreSQL could not recover. It said:\n${failure.tail}`, failure);
}

function requireMajor({ major, version }: Binaries, backedUp: number): void {
  const needed = Math.floor(backedUp / 10_000);
  if (major === needed) return;
  throw recoveryFault(`The backup is of PostgreSQL ${needed}, and here is ${version}: set PG_BIN to one of ${needed}.`);
}

function makePrivate(directory: string, user: ServerUser | undefined): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { mode: 0o700 });
  if (user !== undefined) chownSync(directory, user.uid, user.gid);
}

/** The history of the new timeline was made while nothing was archived: PostgreSQL is to archive it once it does. */
function markHistory(directory: string, user: ServerUser | undefined): void {
  const wal = join(directory, 'pg_wal');
  const own = readdirSync(wal)
    .filter((name) => name.endsWith('.history'))
    .sort()
    .at(-1);
  if (own === undefined) return;
  const status = join(wal, 'archive_status', `${own}.ready`);
  writeFileSync(status, '', { mode: 0o600 });
  if (user !== undefined) chownSync(status, user.uid, user.gid);
}

/** PostgreSQL tells it once, in its log. */
function lastCommit(logFile: string, fromByte: number): string | null {
  const [, date, time] =
    /last completed transaction was at log time (\S+) (\S+)\+00/.exec(logTail(logFile, fromByte)) ?? [];
  return date === undefined || time === undefined ? null : `${date}T${time}Z`;
}

/** As the postmaster reads it, which knows no names of zones yet, and so no Z. */
function momentOf(to: Date): string {
  return to.toISOString().replace('T', ' ').replace('Z', '+00');
}
