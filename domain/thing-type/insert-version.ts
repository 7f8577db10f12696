import { thingTypeMetrics, thingTypeVersions } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import type { VersionSnapshot } from './version-snapshot.js';

/** Which version of which type a snapshot becomes. */
export interface VersionPlace {
  readonly id: string;
  readonly typeId: string;
  /** From 1. */
  readonly number: number;
  /** Metrics of the version before; none before the first. */
  readonly metricIdsBefore: readonly string[];
}

/** Writes a version and its metrics; the type row, which names the latest version, is the caller's to write. */
export async function insertVersion(tx: OrgTransaction, place: VersionPlace, snapshot: VersionSnapshot): Promise<void> {
  const { metricIds, ...description } = snapshot;
  const { orgId } = tx;
  await tx.db.insert(thingTypeVersions).values({
    orgId,
    id: place.id,
    thingTypeId: place.typeId,
    version: place.number,
    ...description,
    tags: [...description.tags],
    allowedSubDefinitionIds: [...description.allowedSubDefinitionIds],
    deletedMetricIds: place.metricIdsBefore.filter((id) => !metricIds.includes(id)),
    createdBy: tx.identity.actor.id,
  });
  if (metricIds.length === 0) return;
  await tx.db.insert(thingTypeMetrics).values(
    metricIds.map((metricId, position) => ({
      orgId,
      thingTypeId: place.typeId,
      versionId: place.id,
      metricId,
      position,
    })),
  );
}
