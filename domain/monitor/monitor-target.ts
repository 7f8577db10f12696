import { and, eq, inArray } from 'drizzle-orm';
import { validate } from 'uuid';
import { mayAct, requireAction } from '../../auth/authorize.js';
import { thingPath } from '../../auth/scopes/resource-path.js';
import { arrayLiteral } from '../../db/array-literal.js';
import type { MonitorRow } from '../../db/tables/monitors.js';
import { things } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { forbidden, invalidInput } from '../../errors/bulkhead-error.js';
import { isDefinitionId } from '../input/id.js';
import { getPlace } from '../place/get-place.js';
import { pathOfThing } from '../thing/path-of-thing.js';

/** Which things a monitor watches. */
export interface MonitorTarget {
  readonly type: MonitorRow['targetType'];
  readonly placeId?: string | null | undefined;
  readonly thingTypeId?: string | null | undefined;
  readonly thingIds?: readonly string[] | null | undefined;
}

/** A checked target, as the tables hold it. */
export interface CheckedTarget {
  readonly targetType: MonitorRow['targetType'];
  readonly placeId: string | null;
  readonly thingTypeId: string | null;
  readonly thingIds: readonly string[];
}

/** Things of one list at most. */
export const maxListedThings = 500;

const fieldsOfType: Readonly<Record<MonitorTarget['type'], readonly (keyof MonitorTarget)[]>> = {
  SINGLE_THING: ['thingIds'],
  EXPLICIT_LIST: ['thingIds'],
  ALL_THINGS_OF_TYPE: ['thingTypeId'],
  ALL_THINGS_OF_TYPE_IN_PLACE: ['placeId', 'thingTypeId'],
  ALL_THINGS_AT_PLACE: ['placeId'],
};
const fields = ['placeId', 'thingTypeId', 'thingIds'] as const;

/**
 * The things that a monitor is to watch. What it finds is shown to whoever may read the monitor, so its author must be
 * able to read every one of them, those that come later too.
 * @throws BulkheadError BAD_USER_INPUT, FORBIDDEN without `read` on all that the target covers
 */
export async function requireTarget(tx: OrgTransaction, input: MonitorTarget): Promise<CheckedTarget> {
  const wanted = fieldsOfType[input.type];
  for (const field of fields) {
    const isGiven = input[field] !== null && input[field] !== undefined;
    if (isGiven && !wanted.includes(field)) {
      throw invalidInput(`input.target.${field}`, `must not be given for ${input.type}`);
    }
    if (!isGiven && wanted.includes(field)) throw invalidInput(`input.target.${field}`, 'must be given');
  }
  const thingTypeId = input.thingTypeId ?? null;
  if (thingTypeId !== null) await requireThingType(tx, thingTypeId);
  const ofType = thingTypeId ?? '#';
  const placeId = await readablePlace(tx, input.placeId ?? null, ofType);
  if (placeId === null && thingTypeId !== null) {
    requireAction(tx.identity, 'read', thingPath('#', '#', thingTypeId, '#'), 'thing');
  }
  return { targetType: input.type, placeId, thingTypeId, thingIds: await requireThings(tx, input) };
}

async function requireThingType(tx: OrgTransaction, id: string): Promise<void> {
  const [known] = isDefinitionId(id, 'tdefi')
    ? await tx.sql<{ id: string }[]>`select id from app.existing_thing_types(${arrayLiteral([id])}::text[])`
    : [];
  if (known === undefined) throw invalidInput('input.target.thingTypeId', 'is not an active thing type');
}

async function readablePlace(tx: OrgTransaction, id: string | null, thingTypeId: string): Promise<string | null> {
  if (id === null) return null;
  const field = 'input.target.placeId';
  if (!validate(id)) throw invalidInput(field, 'is not a place');
  const place = await getPlace(tx, undefined, id).catch(() => {
    throw invalidInput(field, 'is not a place');
  });
  requireAction(tx.identity, 'read', thingPath(place.placeType, place.id, thingTypeId, '#'), 'thing');
  return place.id;
}

async function requireThings(tx: OrgTransaction, input: MonitorTarget): Promise<string[]> {
  const field = 'input.target.thingIds';
  const ids = input.thingIds?.map((id) => id.toLowerCase());
  if (ids === undefined) return [];
  const max = input.type === 'SINGLE_THING' ? 1 : maxListedThings;
  if (ids.length < 1 || ids.length > max) throw invalidInput(field, `must have 1 to ${max} entries`);
  const rows = await tx.db
    .select()
    .from(things)
    .where(
      and(
        eq(things.orgId, tx.orgId),
        inArray(
          things.id,
          ids.filter((id) => validate(id)),
        ),
      ),
    );
  const known = new Map(rows.map((row) => [row.id, row]));
  for (const [index, id] of ids.entries()) {
    const row = known.get(id);
    if (row === undefined) throw invalidInput(`${field}[${index}]`, 'is not a thing');
    if (ids.indexOf(id) < index) throw invalidInput(`${field}[${index}]`, 'repeats an earlier entry');
    if (!mayAct(tx.identity, 'read', pathOfThing(row))) throw forbidden('read', 'thing');
    if (row.thingTypeId !== rows[0]?.thingTypeId) {
      throw invalidInput(field, 'must all be of one type: make a monitor for each type');
    }
  }
  return ids;
}
