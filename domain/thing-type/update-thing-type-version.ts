import type { ThingTypeVersionRow } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { changeRow, type RowChange } from '../change-row.js';
import { requireTags, requireText } from '../input/text.js';
import { type PropertyDefinitionInput, requirePropertyDefinitions } from '../property/property-definitions.js';
import { writableVersions } from './get-thing-type-version.js';
import { requireModelMetadata } from './model-metadata.js';
import { activeThingTypes } from './sub-definitions.js';

/** Fields of a version to change: absent or null stays, an empty list or text clears. */
export interface ThingTypeVersionChange {
  readonly id: string;
  readonly displayName?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly modelMetadata?: unknown;
  readonly propertyDefinitions?: readonly PropertyDefinitionInput[] | null | undefined;
}

/**
 * Changes what describes a version, never its metrics, and answers it before and after. Things of the version are held
 * to new property definitions when they are next changed.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT; CONFLICT where the type is deleted
 */
export async function updateThingTypeVersion(
  tx: OrgTransaction,
  input: ThingTypeVersionChange,
): Promise<RowChange<ThingTypeVersionRow>> {
  const change = await changeRow(tx, writableVersions, input.id, changesOf(input));
  const { thingTypeId } = change.before;
  if (!(await activeThingTypes(tx, [thingTypeId])).has(thingTypeId)) {
    throw new BulkheadError('CONFLICT', 'The thing type is deleted: restore it first');
  }
  return change;
}

function changesOf(input: ThingTypeVersionChange) {
  const { displayName, description, tags, modelMetadata, propertyDefinitions } = input;
  return {
    ...(isAbsent(displayName) ? {} : { displayName: requireText('input.displayName', displayName, { max: 100 }) }),
    ...(isAbsent(description)
      ? {}
      : { description: requireText('input.description', description, { min: 0, max: 500 }) || null }),
    ...(isAbsent(tags) ? {} : { tags: requireTags('input.tags', tags) }),
    ...(isAbsent(modelMetadata) ? {} : { modelMetadata: requireModelMetadata('input.modelMetadata', modelMetadata) }),
    ...(isAbsent(propertyDefinitions)
      ? {}
      : { propertyDefinitions: requirePropertyDefinitions('input.propertyDefinitions', propertyDefinitions) }),
  };
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
