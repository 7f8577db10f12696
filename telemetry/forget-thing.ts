import type { TelemetryDatabase } from './telemetry-database.js';

/** Rows removed by one statement: well below the statement timeout of the role. */
const rowsPerStatement = 20_000;

/**
 * Removes all telemetry of a thing that is being deleted, for good: first the thing is closed to ingest, which waits for
 * the calls that are writing, then its readings and rollups are removed. Takes an id and not a handle, because nobody can be handed a
 * thing that is gone. Interrupted, it is simply called again.
 * @returns how many rows of readings and rollups were removed
 * @throws Error if the database is not that of the organization
 * @throws error of the driver (55P03) if writers could not be waited for within the lock timeout of the role
 */
export async function forgetThing(database: TelemetryDatabase, orgId: string, thingId: string): Promise<number> {
  if (database.orgId !== orgId) throw new Error('the telemetry database belongs to another organization');
  // Committed before anything is removed: a reading that came in afterwards would be left behind.
  await database.writes`select telemetry.refuse_thing(${thingId}::uuid)`;
  let total = 0;
  for (;;) {
    const [row] = await database.writes<{ removed: number }[]>`
      select telemetry.forget_thing(${thingId}::uuid, ${rowsPerStatement}::int) as removed`;
    const removed = row?.removed ?? 0;
    total += removed;
    if (removed < rowsPerStatement) return total;
  }
}
