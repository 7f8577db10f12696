import { and, asc, eq, inArray } from 'drizzle-orm';
import { thingIntegrations } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';

/**
 * Makes the integrations of a thing exactly these and answers which they were. The thing is locked or new, and the ids
 * are checked (`requireIntegrations`).
 */
export async function replaceIntegrations(
  tx: OrgTransaction,
  thingId: string,
  integrationIds: readonly string[],
): Promise<string[]> {
  const ofThing = and(eq(thingIntegrations.orgId, tx.orgId), eq(thingIntegrations.thingId, thingId));
  const rows = await tx.db
    .select({ id: thingIntegrations.integrationId })
    .from(thingIntegrations)
    .where(ofThing)
    .orderBy(asc(thingIntegrations.integrationId));
  const before = rows.map((row) => row.id);
  const removed = before.filter((id) => !integrationIds.includes(id));
  const added = integrationIds.filter((id) => !before.includes(id));
  if (removed.length > 0) {
    await tx.db.delete(thingIntegrations).where(and(ofThing, inArray(thingIntegrations.integrationId, removed)));
  }
  if (added.length > 0) {
    await tx.db
      .insert(thingIntegrations)
      .values(added.map((integrationId) => ({ orgId: tx.orgId, thingId, integrationId })));
  }
  return before;
}
