import type { TelemetryDatabase } from './telemetry-database.js';

/** Readings removed by one statement: well below the statement timeout of the role. */
const readingsPerStatement = 20_000;

/**
 * Removes all telemetry of a thing that was deleted. Takes an id and not a handle, because nobody can be handed a thing
 * that is gone; an ingest that began before the deletion may still write, so the deletion job calls this once more later.
 * Interrupted, it is simply called again.
 * @returns how many readings were removed
 * @throws Error if the database is not that of the organization
 */
export async function forgetThing(database: TelemetryDatabase, orgId: string, thingId: string): Promise<number> {
  if (database.orgId !== orgId) throw new Error('the telemetry database belongs to another organization');
  let total = 0;
  for (;;) {
    const [row] = await database.sql<{ removed: number }[]>`
      select telemetry.forget_thing(${thingId}::uuid, ${readingsPerStatement}::int) as removed`;
    const removed = row?.removed ?? 0;
    total += removed;
    if (removed < readingsPerStatement) return total;
  }
}
