import { type BackupContext, inTransaction } from '../backup-context.js';
import { lsnBytes, walPlaceOf } from './wal-file.js';

/** Heartbeats that are remembered: more than an hour of them. */
const maxBeats = 100;

interface Beat {
  readonly at: Date;
  /** Place in the WAL behind its commit. */
  readonly lsn: bigint;
}

/**
 * Commits something every minute: recovery ends at a moment only where something was committed after it. Knows up to
 * which heartbeat the WAL is archived.
 */
export class Heartbeat {
  readonly #context: BackupContext;
  readonly #walFileBytes: number;
  #beats: Beat[] = [];

  constructor(context: BackupContext, walFileBytes: number) {
    this.#context = context;
    this.#walFileBytes = walFileBytes;
  }

  /** One heartbeat. */
  async run(): Promise<void> {
    const at = await inTransaction(this.#context, async ({ sql }) => {
      const [row] = await sql<{ at: string }[]>`
        select to_char(platform.note_heartbeat() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`;
      return row?.at;
    });
    const lsn = await inTransaction(this.#context, async ({ sql }) => {
      const [row] = await sql<{ lsn: string }[]>`select pg_current_wal_insert_lsn()::text as lsn`;
      return row?.lsn;
    });
    if (at === undefined || lsn === undefined) return;
    this.#beats = [...this.#beats, { at: new Date(at), lsn: lsnBytes(lsn) }].slice(-maxBeats);
  }

  /** The newest heartbeat that is in a WAL file or before it; undefined when none is known. */
  archivedUpTo(file: string): Date | undefined {
    const end = BigInt(walPlaceOf(file, this.#walFileBytes).number + 1) * BigInt(this.#walFileBytes);
    return this.#beats.findLast(({ lsn }) => lsn <= end)?.at;
  }
}
