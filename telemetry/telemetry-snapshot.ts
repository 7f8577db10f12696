import type postgres from 'postgres';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { openLane } from './open-lane.js';
import { valueAsJson } from './reading-totals.js';
import type { TelemetryPlacement } from './telemetry-database.js';
import { translateTelemetryError } from './translate-telemetry-error.js';

/** One reading as it is exported. */
export interface ExportedReading {
  readonly metricId: string;
  /** Moment, ISO 8601 with microseconds, UTC. */
  readonly at: string;
  /** The value as JSON; integers as text, since readers of JSON round beyond 2^53. */
  readonly value: string;
}

/** A table of the telemetry database with its columns. */
export interface TelemetryTable {
  readonly name: string;
  readonly columns: readonly string[];
}

/** Readings held in memory at a time: at most 16 KiB each, most of them some bytes. */
const readingsPerFetch = 1000;

/** ISO 8601 with microseconds, for `to_char` of UTC. */
const instantFormat = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"';

/**
 * All readings of one organization as they were at one instant: a read-only transaction in REPEATABLE READ of the
 * organization's own role, which can connect to no other organization's database.
 */
export class TelemetrySnapshot {
  /** The instant, ISO 8601 with microseconds, by the clock of the database. */
  readonly at: string;
  readonly #sql: postgres.Sql;

  private constructor(sql: postgres.Sql, at: string) {
    this.#sql = sql;
    this.at = at;
  }

  /**
   * Takes the snapshot.
   * @throws BulkheadError UNAVAILABLE when the database is not reachable
   */
  static async open(placement: TelemetryPlacement): Promise<TelemetrySnapshot> {
    const sql = openLane(placement, 0);
    try {
      await sql.unsafe('begin isolation level repeatable read read only');
      // The role's own bounds are for requests. Reading by the primary key sorts nothing, whatever the number of readings.
      await sql.unsafe(
        `set local idle_in_transaction_session_timeout = 0; set local statement_timeout = '60s';
         set local enable_sort = off; set local enable_bitmapscan = off; set local enable_seqscan = off`,
      );
      return new TelemetrySnapshot(sql, await instantOf(sql));
    } catch (error) {
      await sql.end({ timeout: 0 });
      throw translateTelemetryError(error);
    }
  }

  /** Every table of the database with its columns; partitions belong to their table. */
  async tables(): Promise<TelemetryTable[]> {
    const rows = await this.#sql<{ name: string; column: string }[]>`
      select c.oid::regclass::text as name, a.attname as column
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'telemetry'
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relkind in ('r', 'p') and not c.relispartition
      order by 1, a.attnum`;
    const tables = new Map<string, string[]>();
    for (const { name, column } of rows) tables.set(name, [...(tables.get(name) ?? []), column]);
    return [...tables].map(([name, columns]) => ({ name, columns }));
  }

  /** The readings of a thing that have not expired, by metric and moment, some at a time. */
  async *readings(thingId: string, retentionDays: number): AsyncGenerator<readonly ExportedReading[], void> {
    const sql = this.#sql;
    try {
      yield* sql<ExportedReading[]>`
        select metric_id as "metricId", to_char(at at time zone 'UTC', ${instantFormat}) as at,
               coalesce('"' || int_value || '"', ${valueAsJson(sql)}) as value
        from telemetry.readings
        where thing_id = ${thingId}::uuid and at >= now() - make_interval(days => ${retentionDays}::int)
        order by metric_id, at`.cursor(readingsPerFetch);
    } catch (error) {
      throw translateTelemetryError(error);
    }
  }

  /**
   * Ends the transaction, having made sure that it was the same one from the first statement to the last.
   * @throws BulkheadError UNAVAILABLE when it was not
   */
  async finish(): Promise<void> {
    if ((await instantOf(this.#sql)) !== this.at) throw lost();
    await this.#sql.unsafe('commit');
    await this.close();
  }

  /** Closes the connection, and what is under way on it. */
  close(): Promise<void> {
    return this.#sql.end({ timeout: 0 });
  }
}

async function instantOf(sql: postgres.Sql): Promise<string> {
  const [row] = await sql<{ at: string }[]>`select to_char(now(), ${instantFormat}) as at`;
  if (row === undefined) throw new Error('the snapshot was not taken');
  return row.at;
}

function lost(): BulkheadError {
  return new BulkheadError('UNAVAILABLE', 'The connection of a snapshot of telemetry was lost');
}
