import { and, eq } from 'drizzle-orm';
import { type ThingRow, things } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { changedRow } from '../changed-row.js';
import { changeAttributes } from '../input/attributes.js';
import { changeCoordinates } from '../input/coordinates.js';
import { requireText } from '../input/text.js';
import { validateProperties } from '../property/validate-properties.js';
import { lockThing } from './lock-thing.js';
import { mergeProperties, type Properties } from './merge-properties.js';
import { replaceIntegrations } from './replace-integrations.js';
import { requireIntegrations } from './require-integrations.js';
import { requireLevel } from './require-level.js';
import { type ThingDetails, thingDetails } from './thing-details.js';
import { bindToVersion } from './type-binding.js';

/** Fields of a thing to change: absent stays, null clears. */
export interface ThingChange extends ThingDetails {
  readonly id: string;
  readonly name?: string | null | undefined;
  readonly levelId?: string | null | undefined;
  readonly isFirstParty?: boolean | null | undefined;
  readonly latitude?: number | null | undefined;
  readonly longitude?: number | null | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | null | undefined;
  readonly attributesToDelete?: readonly string[] | null | undefined;
  readonly properties?: Properties | null | undefined;
  readonly propertiesToDelete?: readonly string[] | null | undefined;
  readonly integrationIds?: readonly string[] | null | undefined;
}

/** A thing as the audit log keeps it: with its integrations where these were changed. */
export type ThingBefore = ThingRow & { readonly integrationIds?: readonly string[] };

/**
 * Changes a thing and answers it before and after.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, CONFLICT for a manufacturer id in use
 */
export async function updateThing(
  tx: OrgTransaction,
  input: ThingChange,
): Promise<{ before: ThingBefore; after: Promise<ThingRow> }> {
  const before = await lockThing(tx, input.id);
  if (input.isFirstParty === null) throw invalidInput('input.isFirstParty', 'must not be null');
  const integrationIds =
    input.integrationIds === undefined ? undefined : await requireIntegrations(tx, input.integrationIds ?? []);
  const updated = tx.db
    .update(things)
    .set({
      ...(input.name === undefined ? {} : { name: requireText('input.name', input.name, { max: 256 }) }),
      levelId: await requireLevel(tx, before, input.levelId),
      ...thingDetails(input),
      ...changeCoordinates(before, input),
      ...(input.isFirstParty === undefined ? {} : { isFirstParty: input.isFirstParty }),
      attributes: changeAttributes('input.attributes', before.attributes, {
        set: input.attributes,
        remove: input.attributesToDelete,
      }),
      ...(await changedProperties(tx, before, input)),
      updatedAt: new Date(),
      updatedBy: tx.identity.actor.id,
    })
    .where(and(eq(things.orgId, tx.orgId), eq(things.id, before.id)))
    .returning();
  const after = changedRow(updated, 'write', 'thing');
  if (integrationIds === undefined) return { before, after };
  return { before: { ...before, integrationIds: await replaceIntegrations(tx, before.id, integrationIds) }, after };
}

async function changedProperties(
  tx: OrgTransaction,
  thing: ThingRow,
  input: ThingChange,
): Promise<{ properties?: Properties }> {
  const field = 'input.properties';
  const change = { set: input.properties, remove: input.propertiesToDelete };
  const merged = mergeProperties(field, thing.properties, change);
  if (merged === undefined) return {};
  const { propertyDefinitions } = await bindToVersion(tx, thing.thingTypeId, thing.thingTypeVersionId);
  return { properties: validateProperties(field, propertyDefinitions, merged) };
}
