import type { PropertyDefinition } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { forbidden } from '../../errors/bulkhead-error.js';

/** All that a version of a thing type says. */
export interface VersionSnapshot {
  readonly displayName: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  /** A JSON object or list. */
  readonly modelMetadata: unknown;
  readonly propertyDefinitions: readonly PropertyDefinition[];
  readonly allowedSubDefinitionIds: readonly string[];
  /** In order. */
  readonly metricIds: readonly string[];
}

/**
 * The latest version of a thing type that the key may change, whether it may read versions or not.
 * @throws BulkheadError FORBIDDEN without `write` on the type
 */
export async function latestSnapshot(tx: OrgTransaction, typeId: string): Promise<VersionSnapshot> {
  const [snapshot] = await tx.sql<VersionSnapshot[]>`
    select display_name as "displayName", description, tags, model_metadata as "modelMetadata",
           property_definitions as "propertyDefinitions", allowed_sub_definition_ids as "allowedSubDefinitionIds",
           metric_ids as "metricIds"
    from app.latest_version(${typeId})`;
  if (snapshot === undefined) throw forbidden('write', 'thing type');
  return snapshot;
}
