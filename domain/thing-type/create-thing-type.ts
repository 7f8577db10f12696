import { requireAction } from '../../auth/authorize.js';
import { thingTypePath } from '../../auth/scopes/resource-path.js';
import { thingTypes } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { lockDefinitions } from '../definition/lock-definitions.js';
import { newDefinitionId } from '../input/id.js';
import { optionalText, optionalUrl, requireTags } from '../input/text.js';
import { requireMetrics } from '../metric/require-metrics.js';
import { type PropertyDefinitionInput, requirePropertyDefinitions } from '../property/property-definitions.js';
import { insertVersion } from './insert-version.js';
import { requireModelMetadata } from './model-metadata.js';
import { requireSubDefinitions } from './sub-definitions.js';
import { requireTypeDisplayName } from './type-display-name.js';

/** A new thing type and its version 1, which share name and description. */
export interface NewThingType {
  readonly displayName: string;
  /** Ids of active metrics, in order; may be empty. */
  readonly metricIds: readonly string[];
  readonly description?: string | null | undefined;
  readonly defaultImageUrl?: string | null | undefined;
  readonly defaultIconUrl?: string | null | undefined;
  readonly modelMetadata?: unknown;
  readonly tags?: readonly string[] | null | undefined;
  readonly propertyDefinitions?: readonly PropertyDefinitionInput[] | null | undefined;
  readonly allowedSubDefinitionIds?: readonly string[] | null | undefined;
}

/**
 * Creates a thing type with version 1 and answers both ids.
 * @throws BulkheadError FORBIDDEN without `write` on all thing types, BAD_USER_INPUT; CONFLICT if an active one has the
 * name
 */
export async function createThingType(
  tx: OrgTransaction,
  input: NewThingType,
): Promise<{ id: string; versionId: string }> {
  requireAction(tx.identity, 'write', thingTypePath('#'), 'thing type');
  await lockDefinitions(tx);
  const displayName = requireTypeDisplayName('input.displayName', input.displayName);
  const description = optionalText('input.description', input.description ?? null, { min: 0, max: 500 });
  const defaultImageUrl = optionalUrl('input.defaultImageUrl', input.defaultImageUrl);
  const defaultIconUrl = optionalUrl('input.defaultIconUrl', input.defaultIconUrl);
  const metadata = input.modelMetadata ?? null;
  await requireMetrics(tx, 'input.metricIds', input.metricIds);
  const snapshot = {
    displayName,
    description,
    tags: requireTags('input.tags', input.tags ?? []),
    modelMetadata: metadata === null ? null : requireModelMetadata('input.modelMetadata', metadata),
    propertyDefinitions: requirePropertyDefinitions('input.propertyDefinitions', input.propertyDefinitions ?? []),
    allowedSubDefinitionIds: await requireSubDefinitions(
      tx,
      'input.allowedSubDefinitionIds',
      input.allowedSubDefinitionIds ?? [],
    ),
    metricIds: input.metricIds,
  };
  const id = newDefinitionId('tdefi');
  const versionId = newDefinitionId('tdef');
  await tx.db.insert(thingTypes).values({
    orgId: tx.orgId,
    id,
    displayName,
    description,
    defaultImageUrl,
    defaultIconUrl,
    latestVersionId: versionId,
    latestVersionNumber: 1,
    createdBy: tx.identity.actor.id,
  });
  await insertVersion(tx, { id: versionId, typeId: id, number: 1, metricIdsBefore: [] }, snapshot);
  return { id, versionId };
}
