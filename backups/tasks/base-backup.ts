import { failureReason } from '../../jobs/failure-reason.js';
import type { Task } from '../../jobs/task.js';
import { askServer, type BackupContext, inTransaction, setAlert } from '../backup-context.js';
import { type BaseProgress, takeBase } from '../base/take-base.js';
import { readCatalogue } from '../catalogue.js';
import { firstPeriods } from '../rotation/periods.js';
import { scheduleNext } from '../schedule/schedule-base-backup.js';
import { restorableBases } from '../window.js';

/** Takes a base backup, asks for the rotation after it, and for the next one by the schedule. */
export const baseBackup: Task<BackupContext> = {
  name: 'baseBackup',
  concerns: 'DEPLOYMENT',
  maxAttempts: 5,
  run: async (_payload, context) => {
    const notes = new ProgressNotes(context);
    try {
      await take(context, notes);
      await inTransaction(context, async ({ sql }) => {
        await sql`select platform.enqueue_backup_job('rotateBackups', null)`;
      });
      await setAlert(context, false, { ...failed, summary: 'a base backup was taken', evidence: {} });
    } catch (error) {
      const reason = failureReason(error);
      await notes.end('FAILED', reason);
      if (!context.signal.aborted) await setAlert(context, true, { ...failed, evidence: { reason } });
      throw error;
    } finally {
      await scheduleNext(context);
    }
  },
};

const failed = {
  name: 'BaseBackupFailed',
  severity: 'ticket',
  summary: 'a base backup could not be taken: moments can be restored as before, which takes longer',
} as const;

async function take(context: BackupContext & { readonly signal: AbortSignal }, notes: ProgressNotes): Promise<void> {
  const { configuration, repository, log, signal } = context;
  const { maxRateKb, operationalUrl: url, bulkheadVersion, schedule } = configuration;
  const base = await takeBase({
    repository,
    deployment: configuration.repository.deployment,
    url,
    maxRateKb,
    bulkheadVersion,
    askServer: () => askServer(context),
    onProgress: (progress) => notes.note(progress),
    firstOf: async (startedAt, system) => {
      const previous = restorableBases(await readCatalogue(repository, system))
        .map((one) => one.startedAt)
        .sort()
        .at(-1);
      return firstPeriods(schedule.zone, previous === undefined ? undefined : new Date(previous), startedAt);
    },
    signal,
  });
  await notes.end('COMPLETE', null);
  const { id, bytes, storedBytes, files } = base;
  log.info({ id, bytes, storedBytes, files }, 'a base backup was taken');
}

/** Tells the database how far a base backup has come; a note that fails is no failure of the backup. */
class ProgressNotes {
  readonly #context: BackupContext;
  #last: BaseProgress | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(context: BackupContext) {
    this.#context = context;
  }

  note(progress: BaseProgress): void {
    this.#last = progress;
    this.#writing = this.#writing.then(() => this.#write(progress, null, null)).catch(() => {});
  }

  /** The outcome, if it has begun at all. */
  async end(outcome: 'COMPLETE' | 'FAILED', reason: string | null): Promise<void> {
    await this.#writing;
    if (this.#last !== undefined) await this.#write(this.#last, outcome, reason);
  }

  async #write(progress: BaseProgress, outcome: string | null, reason: string | null): Promise<void> {
    const { id, startedAt, totalBytes, bytes, storedBytes } = progress;
    await inTransaction(this.#context, async ({ sql }) => {
      await sql`
        select platform.note_base_backup(${id}, ${startedAt.toISOString()}::timestamptz, ${outcome}, ${reason},
                                         ${totalBytes ?? null}, ${bytes}, ${storedBytes})`;
    });
  }
}
