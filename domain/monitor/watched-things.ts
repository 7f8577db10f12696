import { and, asc, eq, inArray, type SQL } from 'drizzle-orm';
import { type MonitorRow, monitorThings } from '../../db/tables/monitors.js';
import { things } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';

/** Things that one monitor evaluates at most; more are counted as omitted. */
export const maxWatchedThings = 1000;

/** A thing that a monitor watches, and where it is. */
export interface WatchedThing {
  readonly id: string;
  readonly placeId: string;
}

/** The things of a monitor's target by id, the first 1,000, and how many more there are. */
export async function watchedThings(
  tx: OrgTransaction,
  monitor: MonitorRow,
): Promise<{ readonly watched: WatchedThing[]; readonly omitted: number }> {
  const condition = and(eq(things.orgId, tx.orgId), targetCondition(tx, monitor));
  const watched = await tx.db
    .select({ id: things.id, placeId: things.placeId })
    .from(things)
    .where(condition)
    .orderBy(asc(things.id))
    .limit(maxWatchedThings);
  if (watched.length < maxWatchedThings) return { watched, omitted: 0 };
  return { watched, omitted: (await tx.db.$count(things, condition)) - watched.length };
}

function targetCondition(tx: OrgTransaction, { id, targetType, placeId, thingTypeId }: MonitorRow): SQL | undefined {
  if (targetType === 'SINGLE_THING' || targetType === 'EXPLICIT_LIST') {
    const listed = tx.db
      .select({ id: monitorThings.thingId })
      .from(monitorThings)
      .where(and(eq(monitorThings.orgId, tx.orgId), eq(monitorThings.monitorId, id)));
    return inArray(things.id, listed);
  }
  return and(
    placeId === null ? undefined : eq(things.placeId, placeId),
    thingTypeId === null ? undefined : eq(things.thingTypeId, thingTypeId),
  );
}
