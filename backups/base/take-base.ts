import { setTimeout as delay } from 'node:timers/promises';
import { identifySystem, readBaseBackup } from '../../db/read-base-backup.js';
import { backupFault } from '../backup-fault.js';
import type { SealedRepository } from '../repository/sealed-repository.js';
import { getWal } from '../wal/wal-archive.js';
import { walFileName, walNumberOf } from '../wal/wal-file.js';
import { type BaseBackup, baseIdOf, baseObjects, formatBase, type Period } from './base-backup.js';
import { parseManifest } from './manifest.js';
import { ArchiveStore } from './store-archives.js';
import { verifyBase } from './verify-base.js';

/** The server as it tells of itself. */
export interface ServerFacts {
  readonly now: Date;
  readonly walFileBytes: number;
  /** `server_version_num`. */
  readonly postgresVersion: number;
  /** The superuser with which the cluster was made. */
  readonly superuser: string;
}

/** What a base backup is taken with. */
export interface BaseRequest {
  readonly repository: SealedRepository;
  readonly deployment: string;
  /** Address as `bulkhead_backup`. */
  readonly url: string;
  readonly maxRateKb: number;
  readonly bulkheadVersion: string;
  /** Asks the server for its clock and constants. */
  readonly askServer: () => Promise<ServerFacts>;
  /** Told when it begins and about once a second; bytes in total are the server's estimate. */
  readonly onProgress: (progress: BaseProgress) => void;
  /** The periods of which it is the first base backup. */
  readonly firstOf: (startedAt: Date, system: string) => Promise<Period[]>;
  readonly signal: AbortSignal;
}

/** How far a base backup has come. */
export interface BaseProgress {
  readonly id: string;
  readonly startedAt: Date;
  readonly totalBytes: number | undefined;
  readonly bytes: number;
  readonly storedBytes: number;
}

/** Milliseconds that the WAL of a base backup may take to arrive in the repository. */
const walPatienceMs = 600_000;
const walPollMs = 250;
const progressMs = 1_000;

/**
 * Takes a base backup into the repository and reads it back. Only when all of it is there and as the server held it, and
 * its WAL has arrived, it gets its description, without which it counts for nothing.
 * @throws BulkheadError UNAVAILABLE or Error that says what failed; what was stored is removed by the next rotation
 */
export async function takeBase(request: BaseRequest): Promise<BaseBackup> {
  const { repository, deployment, url, maxRateKb, bulkheadVersion, askServer, signal } = request;
  const { system } = await identifySystem(url);
  const { now: startedAt, walFileBytes, postgresVersion, superuser } = await askServer();
  const id = baseIdOf(startedAt);
  const store = new ArchiveStore(repository, system, id);
  let totalBytes: number | undefined;
  const tell = () => {
    request.onProgress({ id, startedAt, totalBytes, bytes: store.bytes, storedBytes: store.storedBytes });
  };
  tell();
  const timer = setInterval(tell, progressMs);
  try {
    await readBaseBackup(
      { url, maxRateKb, signal },
      {
        onTotal: (bytes) => {
          totalBytes = bytes;
        },
        onArchive: (name) => store.beginArchive(name),
        onData: (chunk) => store.add(chunk),
        onManifest: (chunk) => store.addManifest(chunk),
      },
    );
    const { now: endedAt } = await askServer();
    const { manifestFile, ...stored } = await store.finish();
    const { timeline, startLsn, stopLsn, files } = parseManifest(manifestFile);
    const wal = (lsn: string, isEnd: boolean) =>
      walFileName({ timeline, number: walNumberOf(lsn, walFileBytes, isEnd) }, walFileBytes);
    const base: BaseBackup = {
      format: 1,
      id,
      deployment,
      system,
      startedAt: startedAt.toISOString(),
      endedAt: endedAt.toISOString(),
      firstOf: await request.firstOf(startedAt, system),
      timeline,
      startLsn,
      stopLsn,
      startWal: wal(startLsn, false),
      stopWal: wal(stopLsn, true),
      walFileBytes,
      postgresVersion,
      superuser,
      bulkheadVersion,
      files: files.size,
      ...stored,
    };
    await verifyBase(repository, base, signal);
    await walArrived(repository, base, signal);
    await repository.put(baseObjects.description(system, id), formatBase(base));
    return base;
  } finally {
    clearInterval(timer);
    await store.abandon();
    tell();
  }
}

/** Waits until the first and the last WAL file of a base backup are in the repository. */
async function walArrived(repository: SealedRepository, base: BaseBackup, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + walPatienceMs;
  for (const file of [base.stopWal, base.startWal]) {
    while ((await getWal(repository, base.system, file)) === undefined) {
      signal.throwIfAborted();
      if (Date.now() > deadline) {
        throw backupFault(
          `WAL file ${file} of the base backup has not arrived in ${repository.place} within ${walPatienceMs / 60_000} ` +
            'minutes: is the WAL archived?',
        );
      }
      await delay(walPollMs, undefined, { signal });
    }
  }
}
