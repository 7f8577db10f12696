import { and, eq } from 'drizzle-orm';
import { validate } from 'uuid';
import { levels, levelTypes } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { changeAttributes } from '../input/attributes.js';
import { changeCoordinates } from '../input/coordinates.js';
import { newId } from '../input/id.js';
import { requireText } from '../input/text.js';
import { getPlace } from '../place/get-place.js';
import { type LevelDetails, levelDetails } from './level-details.js';
import { lockSite } from './lock-site.js';
import { requireParent } from './require-parent.js';

/** A new level; its type is final. */
export interface NewLevel extends LevelDetails {
  readonly siteId: string;
  readonly levelTypeId: string;
  /** Absent only for the root level. */
  readonly parentId?: string | null | undefined;
  /** 1–200 characters. */
  readonly name: string;
  readonly latitude?: number | null | undefined;
  readonly longitude?: number | null | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * Creates a level and answers its id and its site's.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, CONFLICT for a second root level
 */
export async function createLevel(tx: OrgTransaction, input: NewLevel): Promise<{ id: string; siteId: string }> {
  const { id: siteId } = await getPlace(tx, 'Site', input.siteId);
  await lockSite(tx, siteId, 'site');
  const levelTypeId = await requireLevelType(tx, siteId, input.levelTypeId);
  const parent = await requireParent(tx, { siteId, levelTypeId, height: 1 }, input.parentId);
  const id = newId();
  await tx.db.insert(levels).values({
    orgId: tx.orgId,
    siteId,
    id,
    levelTypeId,
    parentId: parent === null ? null : parent.level.id,
    name: requireText('input.name', input.name, { max: 200 }),
    ...levelDetails(input),
    ...changeCoordinates({ latitude: null, longitude: null }, input),
    attributes: changeAttributes('input.attributes', {}, { set: input.attributes }),
    createdBy: tx.identity.actor.id,
  });
  return { id, siteId };
}

async function requireLevelType(tx: OrgTransaction, siteId: string, id: string): Promise<string> {
  const rows = validate(id)
    ? await tx.db
        .select({ id: levelTypes.id })
        .from(levelTypes)
        .where(and(eq(levelTypes.orgId, tx.orgId), eq(levelTypes.siteId, siteId), eq(levelTypes.id, id)))
    : [];
  const [type] = rows;
  if (type === undefined) throw invalidInput('input.levelTypeId', 'is not a level type of the site');
  return type.id;
}
