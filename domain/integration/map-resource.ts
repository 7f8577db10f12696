import { and, eq, sql } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { placePath } from '../../auth/scopes/resource-path.js';
import { type ResourceMappingRow, resourceMappings } from '../../db/tables/integration-records.js';
import type { IntegrationRow } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError, invalidInput } from '../../errors/bulkhead-error.js';
import { changeAttributes } from '../input/attributes.js';
import { newId } from '../input/id.js';
import { optionalText, requireText } from '../input/text.js';
import { getPlace } from '../place/get-place.js';
import { getThing } from '../thing/get-thing.js';
import { pathOfThing } from '../thing/path-of-thing.js';
import { lockIntegration } from './lock-integration.js';
import { pathOfIntegration } from './path-of-integration.js';
import { visible } from './visible.js';

/** A new mapping; all of it is final. */
export interface NewMapping {
  readonly integrationId: string;
  /** Direction and type of the integration, where given. */
  readonly direction?: IntegrationRow['direction'] | null | undefined;
  readonly type?: string | null | undefined;
  /** The third party's account, 1–200 characters. */
  readonly thirdPartyId?: string | null | undefined;
  /** The third party's id of the resource, 1–200 characters. */
  readonly resourceThirdPartyId: string;
  readonly resourceBaseType: 'THING' | 'PLACE';
  readonly resourceId: string;
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Mappings of one integration at most. */
const maxMappings = 10_000;

/**
 * Maps an id of a third party to a thing or place. What comes in by an INGRESS integration is written to mapped things
 * without asking again, so whoever maps a thing to one may write it; otherwise to see it suffices.
 * @throws BulkheadError NOT_FOUND for the integration, FORBIDDEN without `write` on it, or on the resource,
 * BAD_USER_INPUT, CONFLICT for a mapping that is there, LIMIT_EXCEEDED at 10,000
 */
export async function mapResource(
  tx: OrgTransaction,
  input: NewMapping,
): Promise<{ readonly mapping: ResourceMappingRow; readonly resource: string }> {
  const integration = await lockIntegration(tx, input.integrationId);
  const { direction, type } = integration;
  if ((input.direction ?? direction) !== direction)
    throw invalidInput('input.direction', 'is not that of the integration');
  if ((input.type ?? type) !== type) throw invalidInput('input.type', 'is not that of the integration');
  const target = await targetOf(tx, input);
  if (direction === 'INGRESS') requireAction(tx.identity, 'write', target.path, target.noun);
  await requireRoom(tx, integration.id);
  const [mapping] = await tx.db
    .insert(resourceMappings)
    .values({
      orgId: tx.orgId,
      id: newId(),
      direction,
      type,
      integrationId: integration.id,
      thirdPartyId: optionalText('input.thirdPartyId', input.thirdPartyId, { max: 200 }) ?? null,
      resourceThirdPartyId: requireText('input.resourceThirdPartyId', input.resourceThirdPartyId, { max: 200 }),
      ...target.columns,
      metadata: changeAttributes('input.metadata', {}, { set: input.metadata }),
      createdBy: tx.identity.actor.id,
    })
    .returning();
  if (mapping === undefined) throw new Error('the mapping was not answered');
  return { mapping, resource: pathOfIntegration(integration) };
}

async function targetOf(tx: OrgTransaction, { resourceBaseType, resourceId }: NewMapping) {
  if (resourceBaseType === 'THING') {
    const thing = await visible('input.resourceId', getThing(tx, resourceId));
    return {
      noun: 'thing',
      path: pathOfThing(thing),
      columns: { thingId: thing.id, placeId: null, resourceType: thing.thingTypeId },
    };
  }
  const place = await visible('input.resourceId', getPlace(tx, undefined, resourceId));
  return {
    noun: 'place',
    path: placePath(place.placeType, place.id),
    columns: { thingId: null, placeId: place.id, resourceType: place.placeType },
  };
}

/** The integration is locked, so no two mappings are made at once. */
async function requireRoom(tx: OrgTransaction, integrationId: string): Promise<void> {
  const [counted] = await tx.db
    .select({ count: sql<string>`count(*)` })
    .from(resourceMappings)
    .where(and(eq(resourceMappings.orgId, tx.orgId), eq(resourceMappings.integrationId, integrationId)));
  if (Number(counted?.count) >= maxMappings) {
    throw new BulkheadError('LIMIT_EXCEEDED', `The integration has ${maxMappings} resource mappings`);
  }
}
