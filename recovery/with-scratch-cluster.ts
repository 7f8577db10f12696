import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lockHome } from '../db/embedded/lock-home.js';
import type { RecoverySource } from './cluster/choose-source.js';
import { type RecoveredCluster, type RecoveryProgress, recoverCluster } from './cluster/recover-cluster.js';
import { removeLeftScratch, scratchPrefix } from './remove-left-scratch.js';

/** A cluster that is recovered to be looked at. */
export interface ScratchRequest {
  readonly source: RecoverySource;
  /** A data directory beside which it is made: on the same disk, where the server's user may go. */
  readonly beside: string;
  readonly binDirectory: string | undefined;
  readonly cacheDirectory: string;
  /** Ends it at once, wherever it is. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RecoveryProgress) => void;
}

/**
 * Recovers a cluster into a directory of its own, hands it to `work`, and removes it, whatever comes of it. Nobody else
 * can reach it, and it archives nothing. One whose process was killed is removed by the next.
 * @throws BulkheadError UNAVAILABLE that says what is damaged, or that the moment is not reached
 */
export async function withScratchCluster<Result>(
  { beside, ...request }: ScratchRequest,
  work: (cluster: RecoveredCluster) => Promise<Result>,
): Promise<Result> {
  await removeLeftScratch(beside);
  const folder = mkdtempSync(join(dirname(beside), scratchPrefix));
  lockHome(folder);
  // PostgreSQL may run as another user, who has to go through.
  chmodSync(folder, 0o711);
  try {
    const directory = join(folder, 'data');
    const logFile = join(folder, 'postgres.log');
    const cluster = await recoverCluster({ ...request, directory, logFile, isScratch: true });
    // Its sessions end with it, and so does the work.
    const stop = () => void cluster.stop().catch(() => {});
    request.signal.addEventListener('abort', stop);
    try {
      request.signal.throwIfAborted();
      return await work(cluster);
    } finally {
      request.signal.removeEventListener('abort', stop);
      await cluster.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
