import { and, eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { placePath } from '../../auth/scopes/resource-path.js';
import { places } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireChanged } from '../require-changed.js';

/**
 * Refuses an actor that may not write the site, as every change of its levels, level types and level groups does.
 * @param noun what is changed, for the message
 * @throws BulkheadError FORBIDDEN
 */
export function requireSiteWrite(tx: OrgTransaction, siteId: string, noun: string): void {
  requireAction(tx.identity, 'write', placePath('Site', siteId), noun);
}

/**
 * Locks a site that the actor may write until the transaction ends: rules that concern several levels or level types
 * hold only if these change one after the other. Things can be created meanwhile.
 * @param noun what is changed, for the message
 * @throws BulkheadError FORBIDDEN
 */
export async function lockSite(tx: OrgTransaction, siteId: string, noun: string): Promise<void> {
  requireSiteWrite(tx, siteId, noun);
  const rows = await tx.db
    .select({ id: places.id })
    .from(places)
    .where(and(eq(places.orgId, tx.orgId), eq(places.placeType, 'Site'), eq(places.id, siteId)))
    .for('no key update');
  requireChanged(rows, 'write', noun);
}
