import { eq } from 'drizzle-orm';
import type { Identity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { type PropertyDefinition, thingTypes, thingTypeVersions } from '../../db/tables/definitions.js';
import { newDefinitionId } from '../../domain/input/id.js';
import { write } from './operational-database.js';

/** A thing type with its versions, oldest first. */
export interface TestThingType {
  readonly id: string;
  readonly versionIds: readonly string[];
}

/** Makes a thing type without metrics, with one version for each list of property definitions. */
export async function newThingType(
  database: Database,
  identity: Identity,
  displayName: string,
  versions: readonly (readonly PropertyDefinition[])[] = [[]],
): Promise<TestThingType> {
  const id = newDefinitionId('tdefi');
  const versionIds = versions.map(() => newDefinitionId('tdef'));
  const { orgId } = identity;
  const createdBy = 'test';
  await write(database, identity, async (tx) => {
    const latest = { latestVersionId: String(versionIds.at(-1)), latestVersionNumber: versions.length };
    await tx.db.insert(thingTypes).values({ orgId, id, displayName, ...latest, createdBy });
    await tx.db.insert(thingTypeVersions).values(
      versions.map((propertyDefinitions, index) => ({
        orgId,
        id: String(versionIds[index]),
        thingTypeId: id,
        version: index + 1,
        displayName,
        propertyDefinitions,
        createdBy,
      })),
    );
  });
  return { id, versionIds };
}

/** Soft-deletes a thing type. */
export async function deleteThingType(database: Database, identity: Identity, id: string): Promise<void> {
  await write(database, identity, (tx) =>
    tx.db.update(thingTypes).set({ deletedAt: new Date(), deletedBy: 'test' }).where(eq(thingTypes.id, id)),
  );
}
