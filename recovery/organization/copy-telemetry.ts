import { pipeline } from 'node:stream/promises';
import type { Administrator } from '../../db/administrator.js';
import { arrayLiteral } from '../../db/array-literal.js';
import { weekPartitions } from '../../telemetry/week-partitions.js';
import { recoveryFault } from '../recovery-fault.js';

/** Opens a connection to a telemetry database, which the caller ends. */
export type Connect = () => Administrator;

/** What a telemetry database holds. */
export interface TelemetryRange {
  readonly readings: number;
  /** Moments of the first and last reading, in UTC, ISO 8601. */
  readonly from: string | null;
  readonly to: string | null;
}

/** Weeks that are made at a time. */
const weeksPerCall = 25;

/** How many readings there are, and of which time. */
export async function telemetryRange(sql: Administrator): Promise<TelemetryRange> {
  const [row] = await sql<{ readings: string; from: string | null; to: string | null }[]>`
    select count(*) as readings, to_char(min(at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as from,
           to_char(max(at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as to from telemetry.readings`;
  return { readings: Number(row?.readings ?? 0), from: row?.from ?? null, to: row?.to ?? null };
}

/**
 * Copies all rows of a telemetry database into a new one of the same version. Each table travels over two connections of
 * its own, which are thrown away: the driver does not reliably go on with one after a COPY.
 * @throws BulkheadError UNAVAILABLE for one of another version, or when not all has arrived
 */
export async function copyTelemetry(from: Connect, to: Connect): Promise<void> {
  const [source, target] = [from(), to()];
  try {
    const versions = (sql: Administrator) =>
      sql<{ all: string }[]>`select string_agg(name || digest, ' ' order by name) as all from telemetry.migrations`;
    const [[before], [now]] = await Promise.all([versions(source), versions(target)]);
    if (before?.all !== now?.all) {
      throw recoveryFault('The telemetry database is of another version of Bulkhead: restore the whole deployment.');
    }
    const weeks = (await weekPartitions(source)).map(({ mondayMs }) => new Date(mondayMs).toISOString());
    for (let first = 0; first < weeks.length; first += weeksPerCall) {
      const part = arrayLiteral(weeks.slice(first, first + weeksPerCall));
      await target`select telemetry.ensure_weeks(${part}::timestamptz[])`;
    }
    const tables = await target<{ name: string }[]>`
      select c.relname as name from pg_class c where c.relnamespace = 'telemetry'::regnamespace
        and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'migrations' order by 1`;
    for (const { name } of tables) {
      await target.unsafe(`truncate telemetry.${name}`);
      await copyTable(from, to, name);
      const count = `select count(*) as rows from telemetry.${name}`;
      const [[there], [here]] = await Promise.all([source.unsafe(count), target.unsafe(count)]);
      if (there?.['rows'] !== here?.['rows']) throw recoveryFault(`telemetry.${name} has not arrived whole`);
    }
    await target`analyze`;
  } finally {
    await Promise.all([source.end({ timeout: 5 }), target.end({ timeout: 5 })]);
  }
}

async function copyTable(from: Connect, to: Connect, name: string): Promise<void> {
  const [source, target] = [from(), to()];
  try {
    const reading = await source.unsafe(`copy (select * from telemetry.${name}) to stdout (format binary)`).readable();
    const writing = await target.unsafe(`copy telemetry.${name} from stdin (format binary)`).writable();
    await pipeline(reading, writing);
  } finally {
    await Promise.all([source.end({ timeout: 1 }), target.end({ timeout: 1 })]);
  }
}
