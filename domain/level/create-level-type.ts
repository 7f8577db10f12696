import { and, eq } from 'drizzle-orm';
import { levelTypes } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { newId } from '../input/id.js';
import { requireText } from '../input/text.js';
import { getPlace } from '../place/get-place.js';
import { lockSite } from './lock-site.js';
import { maxLevelTypes, replaceParentTypes, requireParentTypes } from './parent-types.js';

/** A new level type. */
export interface NewLevelType {
  readonly siteId: string;
  /** 1–100 characters, unique in the site. */
  readonly name: string;
  /** Types of the site whose levels may be parents; none for the type of the root level. */
  readonly allowedParentTypeIds?: readonly string[] | null | undefined;
}

/**
 * Creates a type of levels in a site and answers the ids of both.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, CONFLICT for a name in use, LIMIT_EXCEEDED beyond 50 types
 */
export async function createLevelType(
  tx: OrgTransaction,
  input: NewLevelType,
): Promise<{ id: string; siteId: string }> {
  const { id: siteId } = await getPlace(tx, 'Site', input.siteId);
  await lockSite(tx, siteId, 'site');
  const name = requireText('input.name', input.name, { max: 100 });
  const parentIds = await requireParentTypes(tx, siteId, input.allowedParentTypeIds ?? []);
  await requireRoom(tx, siteId);
  const id = newId();
  await tx.db.insert(levelTypes).values({ orgId: tx.orgId, siteId, id, name, createdBy: tx.identity.actor.id });
  await replaceParentTypes(tx, { siteId, id }, parentIds);
  return { id, siteId };
}

async function requireRoom(tx: OrgTransaction, siteId: string): Promise<void> {
  const count = await tx.db.$count(levelTypes, and(eq(levelTypes.orgId, tx.orgId), eq(levelTypes.siteId, siteId)));
  if (count >= maxLevelTypes)
    throw new BulkheadError('LIMIT_EXCEEDED', `A site has at most ${maxLevelTypes} level types`);
}
