import { arrayLiteral } from '../db/array-literal.js';
import { invalidInput } from '../errors/bulkhead-error.js';
import type { TelemetryDatabase } from './telemetry-database.js';

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;

/** The Unix epoch was a Thursday: the Monday before it. */
const firstMondayMs = -3 * dayMs;

/** Weeks made by one call at most, so that it stays below the statement timeout. */
const weeksPerCall = 25;

/** Weeks that one ingest call may have made at most: each is a table, and one call makes no heap of them. */
export const maxNewWeeks = 60;

/** Monday 00:00 UTC of the ISO week of an instant. */
export function weekStartMs(atMs: number): number {
  return Math.floor((atMs - firstMondayMs) / weekMs) * weekMs + firstMondayMs;
}

/**
 * Makes the partitions of weeks. Costs nothing for weeks that this pool has seen before.
 * @param weeks Mondays (epoch ms), each once, from that of now − 3,660 days to now + 8 days; the database refuses others
 * @throws BulkheadError BAD_USER_INPUT if more than 60 weeks are new; then none is made
 */
export async function ensureWeeks(database: TelemetryDatabase, weeks: readonly number[]): Promise<void> {
  const missing = weeks.filter((week) => !database.knownWeeks.has(week));
  if (missing.length > maxNewWeeks) await requireFewNewWeeks(database, missing);
  for (let from = 0; from < missing.length; from += weeksPerCall) {
    const part = missing.slice(from, from + weeksPerCall);
    const mondays = arrayLiteral(part.map((week) => new Date(week).toISOString()));
    await database.writes`select telemetry.ensure_weeks(${mondays}::timestamptz[])`;
    for (const week of part) database.knownWeeks.add(week);
  }
}

/** What a pool has not seen may still exist: only the database knows which weeks are new. */
async function requireFewNewWeeks(database: TelemetryDatabase, weeks: readonly number[]): Promise<void> {
  const names = weeks.map((week) => `readings_${new Date(week).toISOString().slice(0, 10).replaceAll('-', '')}`);
  const [row] = await database.writes<{ present: number }[]>`
    select count(*)::int as present from pg_class
    where relnamespace = 'telemetry'::regnamespace and relname = any (${arrayLiteral(names)}::text[])`;
  if (weeks.length - (row?.present ?? 0) <= maxNewWeeks) return;
  throw invalidInput('input', `spans more than ${maxNewWeeks} new weeks: send older readings in several calls`);
}
