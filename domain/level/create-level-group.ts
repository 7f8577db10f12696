import { levelGroups } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { newId } from '../input/id.js';
import { requireText } from '../input/text.js';
import { getPlace } from '../place/get-place.js';
import { replaceMembers, requireMembers } from './group-members.js';
import { requireSiteWrite } from './lock-site.js';

/** A new group of levels. */
export interface NewLevelGroup {
  readonly siteId: string;
  /** 1–200 characters, unique in the site. */
  readonly name: string;
  /** Levels of the site, at most 500. */
  readonly levelIds: readonly string[];
}

/**
 * Creates a group of levels of one site and answers its id and the site's.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, CONFLICT for a name in use
 */
export async function createLevelGroup(
  tx: OrgTransaction,
  input: NewLevelGroup,
): Promise<{ id: string; siteId: string }> {
  const { id: siteId } = await getPlace(tx, 'Site', input.siteId);
  requireSiteWrite(tx, siteId, 'site');
  const name = requireText('input.name', input.name, { max: 200 });
  const levelIds = await requireMembers(tx, siteId, input.levelIds);
  const id = newId();
  await tx.db.insert(levelGroups).values({ orgId: tx.orgId, siteId, id, name, createdBy: tx.identity.actor.id });
  await replaceMembers(tx, { siteId, id }, levelIds);
  return { id, siteId };
}
