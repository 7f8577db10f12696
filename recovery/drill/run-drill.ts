import { randomInt } from 'node:crypto';
import type { NotedBackups } from '../../backups/noted-backups.js';
import type { SealedRepository } from '../../backups/repository/sealed-repository.js';
import { type VerifiedRepository, verifyRepository } from '../../backups/verify-repository.js';
import { leftTimes, restorableWindow } from '../../backups/window.js';
import { defaultDatabaseNames } from '../../db/cluster.js';
import { chooseSource, type RecoverySource } from '../cluster/choose-source.js';
import { recoveryFault } from '../recovery-fault.js';
import { withScratchCluster } from '../with-scratch-cluster.js';
import { type CheckedCluster, checkCluster } from './check-cluster.js';
import { checkAudit, checkCredentials, checkSecrets, type DrillKeys } from './check-contents.js';

/** What a drill is run with. */
export interface DrillRequest {
  readonly repository: SealedRepository;
  /** As the database knew before the drill. */
  readonly noted: NotedBackups;
  readonly windowDays: number;
  readonly keys: DrillKeys;
  /** A data directory beside which clusters are restored. */
  readonly beside: string;
  readonly binDirectory: string | undefined;
  readonly cacheDirectory: string;
  readonly signal: AbortSignal;
}

/** What a drill has done and found. */
export interface DrillFindings {
  readonly repository: VerifiedRepository;
  /** The newest moment, and one by chance. */
  readonly restored: readonly RestoredMoment[];
  readonly auditSegments: number;
  readonly secretsOpened: number;
  /** Credentials of telemetry databases. */
  readonly credentialsOpened: number;
}

/** A cluster that was restored. */
export interface RestoredMoment extends CheckedCluster {
  /** Null for the newest that there is. */
  readonly to: string | null;
  readonly base: string;
  readonly walFiles: number;
  /** The last heartbeat in it. */
  readonly beatAt: string;
  readonly seconds: number;
}

/** A minute is not exact enough: a commit after the moment is needed, and a heartbeat comes only every minute. */
const edgeMs = 120_000;

/**
 * A drill: reads all of the repository, restores the newest moment and one by chance, reads all of both clusters, verifies
 * the audit log against the newest, and opens secrets and credentials of it.
 * @throws the first fault
 */
export async function runDrill(request: DrillRequest): Promise<DrillFindings> {
  const { repository, windowDays, keys, signal } = request;
  const newest = await chooseSource(repository, undefined);
  const verified = await verifyRepository(repository, newest.catalogue, request.noted, windowDays, signal);
  const contents = { auditSegments: 0, secretsOpened: 0, credentialsOpened: 0 };
  const restored = [
    await restore(request, newest, async (connect) => {
      await using(connect(defaultDatabaseNames.operational), async (sql) => {
        contents.auditSegments = await checkAudit(sql, keys);
        contents.credentialsOpened = await checkCredentials(sql, keys);
      });
      contents.secretsOpened = await using(connect(defaultDatabaseNames.vault), (sql) => checkSecrets(sql, keys));
    }),
  ];
  const chosen = momentByChance(newest);
  if (chosen !== undefined) restored.push(await restore(request, await chooseSource(repository, chosen)));
  return { repository: verified, restored, ...contents };
}

/** A moment of the window; undefined while it is hardly one, and where chance finds one of a time that was left. */
function momentByChance({ catalogue, timeline }: RecoverySource): Date | undefined {
  const window = restorableWindow(catalogue);
  const spanMs = window === undefined ? 0 : window.until.getTime() - edgeMs - window.from.getTime();
  if (window === undefined || spanMs < 1_000) return undefined;
  const left = leftTimes(catalogue, timeline);
  for (let tries = 0; tries < 100; tries += 1) {
    const moment = new Date(window.from.getTime() + randomInt(Math.min(spanMs, 2 ** 47)));
    if (!left.some(({ from, until }) => from <= moment && moment < until)) return moment;
  }
  return undefined;
}

type Connect = Parameters<typeof checkCluster>[0];

async function restore(
  request: DrillRequest,
  source: RecoverySource,
  look: (connect: Connect) => Promise<void> = async () => {},
): Promise<RestoredMoment> {
  request.signal.throwIfAborted();
  const beganMs = performance.now();
  const { beside, binDirectory, cacheDirectory, signal } = request;
  const scratch = { source, beside, binDirectory, cacheDirectory, signal, onProgress: () => {} };
  return withScratchCluster(scratch, async (cluster) => {
    const connect: Connect = (database) => cluster.connect(database);
    const seconds = (performance.now() - beganMs) / 1000;
    const beatAt = await using(connect(defaultDatabaseNames.operational), async (sql) => {
      const [row] = await sql<{ at: string }[]>`
        select to_char(beat_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from platform.backup_state`;
      return row?.at ?? '';
    });
    if (source.to !== undefined && new Date(beatAt) > source.to)
      throw recoveryFault(`restored to ${source.to.toISOString()}, it holds what came later`);
    const checked = await checkCluster(connect);
    await look(connect);
    return {
      to: source.to?.toISOString() ?? null,
      base: source.base.id,
      walFiles: cluster.walFiles,
      beatAt,
      seconds: Math.round(seconds * 10) / 10,
      ...checked,
    };
  });
}

async function using<Sql extends { end(options: { timeout: number }): Promise<void> }, Result>(
  sql: Sql,
  work: (sql: Sql) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
