import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory } from '../audit/sync-directory.js';
import { defaultDatabaseNames } from '../db/cluster.js';
import { type ClusterLocation, clusterLocation } from '../db/embedded/cluster-location.js';
import { lockFileName, lockHome } from '../db/embedded/lock-home.js';
import { freePort } from '../db/embedded/loopback-port.js';
import { prepareHome } from '../db/embedded/prepare-home.js';
import { writeServerRecord } from '../db/embedded/server-record.js';
import { isUnfinished, markFinished, markUnfinished, unfinishedMark } from '../db/embedded/unfinished-home.js';
import type { RecoverySource } from './cluster/choose-source.js';
import {
  type RecoveredCluster,
  type RecoveryProgress,
  recoverCluster,
  walDirectoryOf,
} from './cluster/recover-cluster.js';
import { endLeftServer } from './end-left-server.js';
import { recoveryFault } from './recovery-fault.js';

/** A home that is made from a backup. */
export interface HomeRequest {
  readonly source: RecoverySource;
  /** Directory of the new home; made if it is not there, and empty. */
  readonly home: string;
  /** Port of 127.0.0.1 that its PostgreSQL is to listen on (default: a free one). */
  readonly port: number | undefined;
  readonly binDirectory: string | undefined;
  /** Ends it at once; the directory is empty then. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RecoveryProgress) => void;
  /** Puts the keys of the deployment into the home, the last thing that it lacks. */
  readonly putKeys: (home: string) => void;
  /** Told one line of what a killed restore has left there and what became of it. */
  readonly say: (line: string) => void;
}

/** A home that was made. Its PostgreSQL does not run. */
export interface RestoredHome {
  /** Real path. */
  readonly home: string;
  readonly dataDirectory: string;
  readonly port: number;
  /** Moment of the last transaction that it has, in UTC, ISO 8601; null when none came after the base backup. */
  readonly lastCommitAt: string | null;
  readonly walFiles: number;
}

/**
 * Makes a home from a backup: its cluster as it was at the moment, fenced before it listens anywhere. Where it fails, the
 * directory is empty again; where it was killed, the next one into the same directory begins anew.
 * @throws BulkheadError UNAVAILABLE that says what to do
 */
export async function restoreHome(request: HomeRequest): Promise<RestoredHome> {
  const home = prepareHome(request.home);
  if (!isUnfinished(home) && readdirSync(home).some((name) => name !== lockFileName)) {
    throw recoveryFault(`${home} is not empty: a deployment is restored into a new directory, never over another one.`);
  }
  const lock = lockHome(home);
  try {
    const { dataDirectory, cacheDirectory } = clusterLocation(home);
    if (isUnfinished(home)) {
      await clear(home, dataDirectory);
      request.say(`What a restore that was killed has left in ${home} was removed; this one begins anew.`);
    }
    if (existsSync(dataDirectory)) {
      // As root it lies elsewhere, and home has a link to it by now.
      rmSync(join(home, 'postgres'), { force: true });
      throw recoveryFault(`${dataDirectory} is there already: name another directory.`);
    }
    markUnfinished(home);
    syncDirectory(home);
    try {
      const restored = await make(request, home, { dataDirectory, cacheDirectory });
      request.putKeys(home);
      markFinished(home);
      syncDirectory(home);
      return restored;
    } catch (error) {
      await clear(home, dataDirectory);
      throw error;
    }
  } finally {
    lock.release();
  }
}

async function make(request: HomeRequest, home: string, location: ClusterLocation): Promise<RestoredHome> {
  const { source, binDirectory, signal, onProgress } = request;
  const { dataDirectory, cacheDirectory } = location;
  const directory = newDirectoryOf(dataDirectory);
  rmSync(directory, { recursive: true, force: true });
  const logFile = join(home, 'postgres.log');
  const recovery = { source, directory, binDirectory, cacheDirectory, logFile, isScratch: false, signal, onProgress };
  const cluster = await recoverCluster(recovery);
  const password = randomBytes(32).toString('base64url');
  try {
    await fence(cluster, password, source.to ?? new Date(cluster.lastCommitAt ?? source.base.endedAt));
  } finally {
    await cluster.stop();
  }
  const port = request.port ?? (await freePort());
  writeServerRecord(home, { port, user: 'postgres', password, dataDirectory, startedWith: [] });
  renameSync(directory, dataDirectory);
  const { lastCommitAt, walFiles } = cluster;
  return { home, dataDirectory, port, lastCommitAt, walFiles };
}

/** The data directory while it is made. */
function newDirectoryOf(dataDirectory: string): string {
  return `${dataDirectory}.new`;
}

/** Removes all that a restore has made, the mark of it last: what is interrupted here is found again. */
async function clear(home: string, dataDirectory: string): Promise<void> {
  const directory = newDirectoryOf(dataDirectory);
  await endLeftServer(directory);
  for (const path of [directory, walDirectoryOf(directory), dataDirectory]) {
    rmSync(path, { recursive: true, force: true });
  }
  for (const name of readdirSync(home)) {
    if (name !== lockFileName && name !== unfinishedMark) rmSync(join(home, name), { recursive: true, force: true });
  }
  markFinished(home);
}

/**
 * From here on nobody but the superuser can log in, and it has another password than in the backup. A home knows it by
 * the name that the embedded PostgreSQL gives it: the cluster of a server of one's own may not have it yet.
 */
async function fence(cluster: RecoveredCluster, password: string, restoredTo: Date): Promise<void> {
  const sql = cluster.connect(defaultDatabaseNames.operational);
  try {
    await sql`select platform.raise_fence(${restoredTo.toISOString()}::timestamptz)`;
    const [known] = await sql`select 1 from pg_roles where rolname = 'postgres'`;
    await sql.unsafe(
      `${known === undefined ? 'create' : 'alter'} role postgres superuser login password '${password}'`,
    );
  } finally {
    await sql.end({ timeout: 5 });
  }
}
