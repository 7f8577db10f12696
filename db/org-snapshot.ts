import type postgres from 'postgres';
import type { Identity } from '../auth/identity.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { connect } from './connect.js';
import { translateDatabaseError } from './database-errors.js';
import { signContext } from './signed-context.js';

/** How a snapshot is reached. */
export interface SnapshotOptions {
  /** Address with the credentials of a run-time role. */
  readonly url: string;
  /** Key that signs contexts, 32 bytes. */
  readonly contextKey: Buffer;
  /** Name shown in `pg_stat_activity`. */
  readonly applicationName: string;
}

/** Columns of a row as PostgreSQL writes them; null for NULL. */
export type TextRow = readonly (string | null)[];

/** Milliseconds that the reader may take between two fetches: it waits for a disk, never for a network. */
const maxPauseMs = 600_000;

/**
 * All rows of one organization as they were at one instant, however long reading them takes: a read-only transaction in
 * REPEATABLE READ on a connection of its own, which enters a fresh context of the identity before every statement.
 * `withOrg` is for everything short.
 */
export class OrgSnapshot {
  /** The instant, ISO 8601 with microseconds, by the clock of the database. */
  readonly at: string;
  readonly orgId: string;
  readonly #sql: postgres.Sql;
  readonly #enter: () => Promise<void>;
  #isLost = false;

  private constructor(sql: postgres.Sql, at: string, orgId: string, enter: () => Promise<void>) {
    this.#sql = sql;
    this.at = at;
    this.orgId = orgId;
    this.#enter = enter;
  }

  /**
   * Takes the snapshot.
   * @throws BulkheadError UNAVAILABLE when the database is not reachable
   */
  static async open(options: SnapshotOptions, identity: Identity): Promise<OrgSnapshot> {
    let snapshot: OrgSnapshot | undefined;
    const sql = connect(options.url, {
      max: 1,
      max_lifetime: null,
      connect_timeout: 5,
      fetch_types: false,
      onnotice: () => {},
      connection: {
        application_name: options.applicationName,
        TimeZone: 'UTC',
        idle_in_transaction_session_timeout: maxPauseMs,
      },
      onclose: () => {
        if (snapshot !== undefined) snapshot.#isLost = true;
      },
    });
    try {
      await sql.unsafe('begin isolation level repeatable read read only');
      const [begun] = await sql<{ pid: number; at: string }[]>`
        select pg_backend_pid() as pid, to_char(now(), ${instantFormat}) as at`;
      if (begun === undefined) throw new Error('the snapshot was not taken');
      const { pid, at } = begun;
      const enter = async () => {
        const context = signContext(options.contextKey, identity, 'read', pid);
        await sql`select app.enter(${context})`;
      };
      snapshot = new OrgSnapshot(sql, at, identity.orgId, enter);
      return snapshot;
    } catch (error) {
      await sql.end({ timeout: 0 });
      throw translateDatabaseError(error);
    }
  }

  /**
   * Reads one statement, some rows at a time: the next ones are fetched when the last ones have been taken.
   * @param text one SELECT with `$1`, ... for the parameters
   * @param rowsPerFetch how many rows are held in memory
   */
  async *rows(text: string, params: readonly string[], rowsPerFetch: number): AsyncGenerator<readonly TextRow[], void> {
    this.#requireIntact();
    try {
      await this.#enter();
      const cursor = this.#sql
        .unsafe(text, [...params])
        .values()
        .cursor(rowsPerFetch);
      for await (const rows of cursor) {
        yield rows as unknown as readonly TextRow[];
        this.#requireIntact();
      }
    } catch (error) {
      throw translateDatabaseError(error);
    }
  }

  /** All rows of a statement that answers few. */
  async all(text: string, params: readonly string[] = []): Promise<TextRow[]> {
    const all: TextRow[] = [];
    for await (const rows of this.rows(text, params, 1000)) all.push(...rows);
    return all;
  }

  /**
   * Ends the transaction, having made sure that it was the same one from the first statement to the last.
   * @throws BulkheadError UNAVAILABLE when it was not
   */
  async finish(): Promise<void> {
    const [[at] = []] = await this.all('select to_char(now(), $1)', [instantFormat]);
    if (at !== this.at) throw lost();
    await this.#sql.unsafe('commit');
    await this.close();
  }

  /** Closes the connection, and what is under way on it. */
  close(): Promise<void> {
    return this.#sql.end({ timeout: 0 });
  }

  /** After a lost connection the driver would open another, beside the transaction. */
  #requireIntact(): void {
    if (this.#isLost) throw lost();
  }
}

/** ISO 8601 with microseconds, for `to_char` in the time zone of the session, which is UTC. */
const instantFormat = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"';

function lost(): BulkheadError {
  return new BulkheadError('UNAVAILABLE', 'The connection of a snapshot was lost');
}
