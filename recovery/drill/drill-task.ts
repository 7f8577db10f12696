import { randomUUID } from 'node:crypto';
import canonicalize from 'canonicalize';
import { ArchiveFault } from '../../audit/archive/archive-fault.js';
import { auditSigner, signStatement } from '../../audit/audit-key.js';
import { type BackupContext, inTransaction, setAlert } from '../../backups/backup-context.js';
import { readNotedBackups } from '../../backups/noted-backups.js';
import { failureReason } from '../../jobs/failure-reason.js';
import type { Task } from '../../jobs/task.js';
import type { HeldKeys } from '../../vault/held-keys.js';
import { recoveryFault } from '../recovery-fault.js';
import { runDrill } from './run-drill.js';

/** What the drill is given beside what all tasks of backups are. */
export interface DrillConfiguration {
  /** Keys that wrap the private keys of the organizations' vaults: some secrets are opened. */
  readonly rootKeys: HeldKeys;
  /** Key that seals the credentials of telemetry databases: some are opened. */
  readonly telemetryKey: Buffer;
  /** Key that signs the result: an Ed25519 seed. */
  readonly auditKey: Buffer;
  readonly checkpointDirectory: string;
  /** A data directory beside which clusters are restored. */
  readonly beside: string;
  readonly binDirectory: string | undefined;
  readonly cacheDirectory: string;
}

/** First member of a statement: what a drill found, signed with the audit key. */
const drillType = 'bulkhead drill v1';

const weekMs = 7 * 86_400_000;
const dayMs = 86_400_000;

/** Restores what is backed up and looks at it, keeps the signed result, and alerts when it fails. Once a week. */
export function drillTask(configuration: DrillConfiguration): Task<BackupContext> {
  return {
    name: 'drill',
    concerns: 'DEPLOYMENT',
    maxAttempts: 1,
    run: async (_payload, context) => {
      const [id, startedAt] = [randomUUID(), new Date()];
      const { repository, log, signal } = context;
      const { deployment } = context.configuration.repository;
      const signer = auditSigner(configuration.auditKey, deployment);
      const { rootKeys, telemetryKey, checkpointDirectory, beside, binDirectory, cacheDirectory } = configuration;
      const keys = { rootKeys, telemetryKey, signer, deployment, checkpointDirectory };
      const { windowDays } = context.configuration.policy;
      const noted = await readNotedBackups(context);
      const request = { repository, noted, windowDays, keys, beside, binDirectory, cacheDirectory, signal };
      const outcome = await runDrill(request).then(
        (findings) => ({ isPassed: true, findings, reason: null }),
        (error) => ({ isPassed: false, findings: null, reason: reasonOf(error) }),
      );
      signal.throwIfAborted();
      const { isPassed, reason } = outcome;
      const endedAt = new Date().toISOString();
      const place = repository.place;
      const began = startedAt.toISOString();
      const text = canonicalize({ type: drillType, id, deployment, place, startedAt: began, endedAt, ...outcome });
      if (text === undefined) throw new TypeError('a statement has no JSON');
      const signature = signStatement(signer, 'drill', text);
      await inTransaction(context, async ({ sql }) => {
        await sql`select platform.note_drill(${id}, ${startedAt.toISOString()}::timestamptz, ${isPassed}, ${text},
                                             decode(${signature.toString('hex')}, 'hex'))`;
      });
      await setAlert(context, !isPassed, {
        name: 'DrillFailed',
        severity: 'page',
        summary: isPassed ? 'a drill passed' : `a drill of the backups failed: ${reason}`,
        evidence: { drillId: id, place },
      });
      await scheduleDrill(context, weekMs);
      if (reason !== null) throw recoveryFault(reason);
      log.info({ drillId: id }, 'a drill of the backups passed');
    },
  };
}

/** Asks for the next drill a week after the last one, of a new deployment in a day. */
export async function scheduleDrillAtStart(context: BackupContext): Promise<void> {
  const last = await inTransaction(context, async ({ sql }) => {
    const [row] = await sql<{ at: string }[]>`select ended_at as at from platform.list_drills(1)`;
    return row === undefined ? undefined : new Date(row.at);
  });
  const waitMs = last === undefined ? dayMs : last.getTime() + weekMs - Date.now();
  await scheduleDrill(context, Math.max(waitMs, 600_000));
}

function reasonOf(error: unknown): string {
  if (!(error instanceof ArchiveFault)) return failureReason(error);
  const { generation, segment } = error.place ?? {};
  return `the audit log: ${error.message}${segment === undefined ? '' : `, segment ${generation}/${segment}`}`;
}

async function scheduleDrill(context: BackupContext, inMs: number): Promise<void> {
  const at = new Date(Date.now() + inMs).toISOString();
  await inTransaction(context, async ({ sql }) => {
    await sql`select platform.enqueue_backup_job('drill', ${at}::timestamptz)`;
    await sql`select platform.note_schedule('drill', 'every 7 days', ${at}::timestamptz)`;
  });
}
