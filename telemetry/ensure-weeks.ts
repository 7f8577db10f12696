import { arrayLiteral } from '../db/array-literal.js';
import type { TelemetryDatabase } from './telemetry-database.js';

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;

/** The Unix epoch was a Thursday: the Monday before it. */
const firstMondayMs = -3 * dayMs;

/** Weeks made by one call at most, so that it stays below the statement timeout. */
const weeksPerCall = 25;

/** Monday 00:00 UTC of the ISO week of an instant. */
export function weekStartMs(atMs: number): number {
  return Math.floor((atMs - firstMondayMs) / weekMs) * weekMs + firstMondayMs;
}

/**
 * Makes the partitions that readings at these instants need. Costs nothing for weeks that this pool has seen before.
 * @param instantsMs from the week of now − 3,660 days to now + 8 days; the database refuses others
 */
export async function ensureWeeks(database: TelemetryDatabase, instantsMs: readonly number[]): Promise<void> {
  const missing = [...new Set(instantsMs.map(weekStartMs))].filter((week) => !database.knownWeeks.has(week));
  for (let from = 0; from < missing.length; from += weeksPerCall) {
    const part = missing.slice(from, from + weeksPerCall);
    const mondays = arrayLiteral(part.map((week) => new Date(week).toISOString()));
    await database.sql`select telemetry.ensure_weeks(${mondays}::timestamptz[])`;
    for (const week of part) database.knownWeeks.add(week);
  }
}
