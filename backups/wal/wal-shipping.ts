import { identifySystem } from '../../db/read-base-backup.js';
import { failureReason } from '../../jobs/failure-reason.js';
import { type BackupContext, inTransaction, setAlert } from '../backup-context.js';
import type { Heartbeat } from './heartbeat.js';
import { type ShippedFile, type Spooled, shipFile, spooled, spooledFiles } from './ship-wal.js';
import { isWalFile } from './wal-file.js';

/** Milliseconds that a WAL file may wait before it is an alert: twice the time after which PostgreSQL closes one. */
const maxWaitMs = 120_000;
/** Milliseconds between two notes of the same. */
const noteMs = 15_000;

/** Ships WAL from the spool, notes what is shipped and what waits, and alerts when it waits for too long. */
export class WalShipping {
  readonly #context: BackupContext;
  readonly #spool: string;
  readonly #heartbeat: Heartbeat;
  #system: string | undefined;
  #notedAt = 0;
  /** Shipped, and why not, since the last note. */
  #files = 0;
  #bytes = 0;
  #lastWal: string | undefined;
  #failure: string | undefined;
  #isAlerting: boolean | undefined;

  constructor(context: BackupContext, spool: string, heartbeat: Heartbeat) {
    this.#context = context;
    this.#spool = spool;
    this.#heartbeat = heartbeat;
  }

  /** Ships all that waits, in order, up to the first that cannot be stored. */
  async run(signal: AbortSignal): Promise<void> {
    const { repository, log } = this.#context;
    try {
      for (const file of await spooledFiles(this.#spool)) {
        if (signal.aborted) break;
        this.#system ??= (await identifySystem(this.#context.configuration.operationalUrl)).system;
        this.#count(await shipFile(repository, this.#system, this.#spool, file));
      }
    } catch (error) {
      const reason = failureReason(error);
      if (this.#failure !== reason) log.error({ reason }, 'WAL could not be stored');
      this.#failure = reason;
    }
    const isDue = Date.now() - this.#notedAt > noteMs;
    if (this.#files > 0 || isDue) await this.#note();
  }

  #count({ file, storedBytes }: ShippedFile): void {
    this.#files += 1;
    this.#bytes += storedBytes;
    if (isWalFile(file)) this.#lastWal = file;
  }

  async #note(): Promise<void> {
    this.#notedAt = Date.now();
    const waiting = await spooled(this.#spool);
    const [files, bytes, lastWal, failure] = [this.#files, this.#bytes, this.#lastWal, this.#failure];
    const until = lastWal === undefined ? undefined : this.#heartbeat.archivedUpTo(lastWal);
    await inTransaction(this.#context, async ({ sql }) => {
      const note = {
        place: this.#context.repository.place,
        lastWal,
        restorableUntil: until,
        spooledFiles: waiting.files,
        spooledBytes: waiting.bytes,
        oldestSpooledAt: waiting.oldestAt,
        shippedFiles: files,
        shippedBytes: bytes,
        failure,
      };
      await sql`select platform.note_shipping(${JSON.stringify(note)}::jsonb)`;
    });
    // What could not be noted is noted the next time.
    this.#files -= files;
    this.#bytes -= bytes;
    this.#lastWal = undefined;
    this.#failure = undefined;
    await this.#alert(waiting, failure);
  }

  async #alert({ files, bytes, oldestAt }: Spooled, failure: string | undefined): Promise<void> {
    const waitedMs = oldestAt === undefined ? 0 : Date.now() - oldestAt.getTime();
    const isFiring = waitedMs > maxWaitMs;
    if (isFiring === this.#isAlerting) return;
    await setAlert(this.#context, isFiring, {
      name: 'WalNotArchived',
      severity: 'page',
      summary: isFiring
        ? `WAL has waited for ${Math.round(waitedMs / 1000)} s to be stored in ${this.#context.repository.place}`
        : 'WAL is stored again',
      evidence: { files, bytes, waitedSeconds: Math.round(waitedMs / 1000), reason: failure ?? null },
    });
    this.#isAlerting = isFiring;
  }
}
