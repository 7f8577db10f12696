import { and, eq } from 'drizzle-orm';
import { thingTypes } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { lockDefinitions } from '../definition/lock-definitions.js';
import { requireActive } from '../definition/soft-delete.js';
import { newDefinitionId } from '../input/id.js';
import { optionalText, requireTags, requireText } from '../input/text.js';
import { requireMetrics } from '../metric/require-metrics.js';
import { type PropertyDefinitionInput, requirePropertyDefinitions } from '../property/property-definitions.js';
import { requireChanged } from '../require-changed.js';
import { getThingTypeForChange } from './get-thing-type.js';
import { insertVersion } from './insert-version.js';
import { requireModelMetadata } from './model-metadata.js';
import { requireSubDefinitions } from './sub-definitions.js';
import { latestSnapshot, type VersionSnapshot } from './version-snapshot.js';

/**
 * The next version of a thing type: absent is as in the version before, null is none. Only null property definitions
 * are as in the version before too.
 */
export interface NewThingTypeVersion {
  readonly typeId: string;
  /** Ids of active metrics, in order; may be empty. */
  readonly metricIds: readonly string[];
  readonly displayName?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly modelMetadata?: unknown;
  readonly propertyDefinitions?: readonly PropertyDefinitionInput[] | null | undefined;
  readonly allowedSubDefinitionIds?: readonly string[] | null | undefined;
}

/**
 * Creates the next version of a thing type and answers its id. Things stay on the version that they are bound to.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN without `write` on the type, BAD_USER_INPUT; CONFLICT for a deleted type
 */
export async function createThingTypeVersion(tx: OrgTransaction, input: NewThingTypeVersion): Promise<string> {
  const type = await getThingTypeForChange(tx, input.typeId);
  requireActive(type, 'thing type');
  await lockDefinitions(tx);
  const before = await latestSnapshot(tx, type.id);
  const snapshot = await nextSnapshot(tx, before, input);
  const id = newDefinitionId('tdef');
  const number = type.latestVersionNumber + 1;
  await insertVersion(tx, { id, typeId: type.id, number, metricIdsBefore: before.metricIds }, snapshot);
  const rows = await tx.db
    .update(thingTypes)
    .set({
      latestVersionId: id,
      latestVersionNumber: number,
      updatedAt: new Date(),
      updatedBy: tx.identity.actor.id,
    })
    .where(and(eq(thingTypes.orgId, tx.orgId), eq(thingTypes.id, type.id)))
    .returning({ id: thingTypes.id });
  requireChanged(rows, 'write', 'thing type');
  return id;
}

async function nextSnapshot(
  tx: OrgTransaction,
  before: VersionSnapshot,
  input: NewThingTypeVersion,
): Promise<VersionSnapshot> {
  const { displayName, description, tags, modelMetadata, propertyDefinitions, allowedSubDefinitionIds } = input;
  await requireMetrics(tx, 'input.metricIds', input.metricIds);
  return {
    ...before,
    metricIds: input.metricIds,
    ...(displayName === undefined ? {} : { displayName: requireText('input.displayName', displayName, { max: 100 }) }),
    ...(description === undefined
      ? {}
      : { description: optionalText('input.description', description, { min: 0, max: 500 }) }),
    ...(tags === undefined ? {} : { tags: requireTags('input.tags', tags ?? []) }),
    ...(modelMetadata === undefined
      ? {}
      : { modelMetadata: modelMetadata === null ? null : requireModelMetadata('input.modelMetadata', modelMetadata) }),
    ...(propertyDefinitions === undefined || propertyDefinitions === null
      ? {}
      : { propertyDefinitions: requirePropertyDefinitions('input.propertyDefinitions', propertyDefinitions) }),
    ...(allowedSubDefinitionIds === undefined
      ? {}
      : {
          allowedSubDefinitionIds: await requireSubDefinitions(
            tx,
            'input.allowedSubDefinitionIds',
            allowedSubDefinitionIds ?? [],
          ),
        }),
  };
}
