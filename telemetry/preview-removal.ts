import type { TelemetryDatabase } from './telemetry-database.js';
import { weekMs, weekPartitions } from './week-partitions.js';

/** Bytes of readings up to which they are counted: about a second. */
const maxCountedBytes = 256 * 1024 * 1024;

/** How much would be removed up to a cut-off. */
export interface RemovalPreview {
  readonly readings: number;
  readonly allReadings: number;
  /** Weeks that lie before the cut-off as a whole. */
  readonly weeks: number;
  /** Whether the numbers of readings are estimates. */
  readonly isEstimated: boolean;
}

/**
 * Counts what a removal would remove; of a large database it estimates that from what the planner knows, taking the
 * readings of a week as evenly spread over it.
 * @param cutoffMs epoch ms
 */
export async function previewRemoval({ sql }: TelemetryDatabase, cutoffMs: number): Promise<RemovalPreview> {
  const weeks = await weekPartitions(sql);
  const sizes = await sql<{ name: string; bytes: number; readings: number }[]>`
    select c.relname as name, pg_relation_size(c.oid)::float8 as bytes, greatest(c.reltuples, 0)::float8 as readings
    from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'telemetry.readings'::regclass`;
  const whole = weeks.filter(({ mondayMs }) => mondayMs + weekMs <= cutoffMs).length;
  if (sizes.reduce((sum, { bytes }) => sum + bytes, 0) <= maxCountedBytes) {
    const [counted] = await sql<{ readings: number; allReadings: number }[]>`
      select (count(*) filter (where at < ${new Date(cutoffMs)}))::float8 as readings, count(*)::float8 as "allReadings"
      from telemetry.readings`;
    return { ...(counted ?? { readings: 0, allReadings: 0 }), weeks: whole, isEstimated: false };
  }
  const readingsOf = new Map(sizes.map(({ name, readings }) => [name, readings]));
  let [readings, allReadings] = [0, 0];
  for (const { name, mondayMs } of weeks) {
    const held = readingsOf.get(name) ?? 0;
    allReadings += held;
    readings += held * Math.min(1, Math.max(0, (cutoffMs - mondayMs) / weekMs));
  }
  return { readings: Math.round(readings), allReadings: Math.round(allReadings), weeks: whole, isEstimated: true };
}
