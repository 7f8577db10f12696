import type { ThingRow } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { changeRow } from '../change-row.js';
import { isMerged, mergedWith } from '../input/merged.js';
import { requireText } from '../input/text.js';
import { validateProperties } from '../property/validate-properties.js';
import { lockThing, writableThings } from './lock-thing.js';
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
  if (input.isFirstParty === null) throw invalidInput('input.isFirstParty', 'must not be null');
  const plain = {
    ...(input.name === undefined ? {} : { name: requireText('input.name', input.name, { max: 256 }) }),
    ...thingDetails(input),
    isFirstParty: input.isFirstParty,
  };
  const { levelId, properties, propertiesToDelete } = input;
  const isDerived = [levelId, properties, propertiesToDelete, input.integrationIds].some(
    (value) => value !== undefined,
  );
  if (!(isDerived || isMerged(input))) return changeRow(tx, writableThings, input.id, plain);
  const before = await lockThing(tx, input.id);
  const integrationIds =
    input.integrationIds === undefined ? undefined : await requireIntegrations(tx, input.integrationIds ?? []);
  const { after } = await changeRow(tx, writableThings, before, {
    ...plain,
    ...mergedWith(before, input),
    levelId: await requireLevel(tx, before, levelId),
    ...(await changedProperties(tx, before, input)),
  });
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
