import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { defaultDatabaseNames } from '../db/cluster.js';
import { clusterLocation } from '../db/embedded/cluster-location.js';
import { lockHome } from '../db/embedded/lock-home.js';
import { freePort } from '../db/embedded/loopback-port.js';
import { prepareHome } from '../db/embedded/prepare-home.js';
import { writeServerRecord } from '../db/embedded/server-record.js';
import type { RecoverySource } from './cluster/choose-source.js';
import { type RecoveredCluster, type RecoveryProgress, recoverCluster } from './cluster/recover-cluster.js';
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
 * Makes a home from a backup: its cluster as it was at the moment, fenced before it listens anywhere. The keys are the
 * caller's to put there. Where it fails, the directory is empty again.
 * @throws BulkheadError UNAVAILABLE that says what to do
 */
export async function restoreHome(request: HomeRequest): Promise<RestoredHome> {
  const home = prepareHome(request.home);
  if (readdirSync(home).length > 0) {
    throw recoveryFault(`${home} is not empty: a deployment is restored into a new directory, never over another one.`);
  }
  const lock = lockHome(home);
  const { dataDirectory, cacheDirectory } = clusterLocation(home);
  const logFile = join(home, 'postgres.log');
  const directory = `${dataDirectory}.new`;
  try {
    if (existsSync(dataDirectory)) throw recoveryFault(`${dataDirectory} is there already: name another directory.`);
    rmSync(directory, { recursive: true, force: true });
    const { source, binDirectory, signal, onProgress } = request;
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
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    for (const name of ['postgres', 'postgres.log', 'postgres.json', 'postgres-bin']) {
      rmSync(join(home, name), { recursive: true, force: true });
    }
    throw error;
  } finally {
    lock.release();
  }
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
