import { requireAction } from '../../auth/authorize.js';
import { placePath } from '../../auth/scopes/resource-path.js';
import { things } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { changeAttributes } from '../input/attributes.js';
import { changeCoordinates } from '../input/coordinates.js';
import { newId } from '../input/id.js';
import { requireText } from '../input/text.js';
import { getPlace } from '../place/get-place.js';
import { placeNoun } from '../place/place-kind.js';
import { validateProperties } from '../property/validate-properties.js';
import type { Properties } from './merge-properties.js';
import { pathOfThing } from './path-of-thing.js';
import { replaceIntegrations } from './replace-integrations.js';
import { requireIntegrations } from './require-integrations.js';
import { requireLevel } from './require-level.js';
import { type ThingDetails, thingDetails } from './thing-details.js';
import { bindByChoice, type TypeChoice } from './type-binding.js';

/** A new thing; its place and whether it is simulated are final. */
export interface NewThing extends ThingDetails, TypeChoice {
  readonly placeId: string;
  /** 1–256 characters. */
  readonly name: string;
  /** Level of the site; refused for fleets. */
  readonly levelId?: string | null | undefined;
  /** Default false. */
  readonly isFirstParty?: boolean | undefined;
  /** Default false. */
  readonly isSimulated?: boolean | undefined;
  readonly latitude?: number | null | undefined;
  readonly longitude?: number | null | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | null | undefined;
  readonly properties?: Properties | null | undefined;
  /** At most 50. */
  readonly integrationIds?: readonly string[] | null | undefined;
}

/** What is known of a thing that its maker may not be able to read. */
export interface CreatedThing {
  readonly id: string;
  /** Canonical path of the thing. */
  readonly resource: string;
}

/**
 * Creates a thing, bound to the latest version of its type.
 * @throws BulkheadError NOT_FOUND for a place that is not visible, FORBIDDEN without `write` on the place, or, with
 * integrations, on the thing, BAD_USER_INPUT, CONFLICT for a manufacturer id in use
 */
export async function createThing(tx: OrgTransaction, input: NewThing): Promise<CreatedThing> {
  const place = await getPlace(tx, undefined, input.placeId);
  requireAction(tx.identity, 'write', placePath(place.placeType, place.id), placeNoun(place.placeType));
  const { thingTypeId, thingTypeVersionId, propertyDefinitions } = await bindByChoice(tx, input);
  const key = { id: newId(), placeType: place.placeType, placeId: place.id, thingTypeId };
  const resource = pathOfThing(key);
  const integrationIds = await requireIntegrations(tx, input.integrationIds ?? []);
  if (integrationIds.length > 0) requireAction(tx.identity, 'write', resource, 'thing');
  await tx.db.insert(things).values({
    orgId: tx.orgId,
    ...key,
    thingTypeVersionId,
    levelId: await requireLevel(tx, key, input.levelId),
    name: requireText('input.name', input.name, { max: 256 }),
    ...thingDetails(input),
    ...changeCoordinates({ latitude: null, longitude: null }, input),
    isFirstParty: input.isFirstParty,
    isSimulated: input.isSimulated,
    attributes: changeAttributes('input.attributes', {}, { set: input.attributes }),
    properties: validateProperties('input.properties', propertyDefinitions, input.properties ?? {}),
    createdBy: tx.identity.actor.id,
  });
  if (integrationIds.length > 0) await replaceIntegrations(tx, key.id, integrationIds);
  return { id: key.id, resource };
}
