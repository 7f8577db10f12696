import { and, eq } from 'drizzle-orm';
import { type PlaceRow, places } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { changedRow, type RowChange } from '../changed-row.js';
import { changeAttributes } from '../input/attributes.js';
import { changeCoordinates } from '../input/coordinates.js';
import { requireText } from '../input/text.js';
import { requireDisplayMetrics } from './display-metrics.js';
import { lockPlace } from './lock-place.js';
import { type PlaceKind, placeNoun } from './place-kind.js';

/** Fields of a place to change: absent stays. */
export interface PlaceChange {
  readonly id: string;
  readonly name?: string | null | undefined;
  readonly latitude?: number | null | undefined;
  readonly longitude?: number | null | undefined;
  readonly address?: string | null | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | null | undefined;
  readonly attributesToDelete?: readonly string[] | null | undefined;
  readonly preferredDisplayMetricIds?: readonly string[] | null | undefined;
}

/**
 * Changes a place and answers it before and after.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT
 */
export async function updatePlace(
  tx: OrgTransaction,
  kind: PlaceKind,
  input: PlaceChange,
): Promise<RowChange<PlaceRow>> {
  const before = await lockPlace(tx, kind, input.id);
  const position = changeCoordinates(before, input);
  if (kind === 'Site') requireSitePosition(position.latitude);
  const updated = tx.db
    .update(places)
    .set({
      ...(input.name === undefined ? {} : { name: requireText('input.name', input.name, { max: 200 }) }),
      ...position,
      ...(input.address === undefined
        ? {}
        : { address: requireText('input.address', input.address, { min: 0, max: 500 }) }),
      attributes: changeAttributes('input.attributes', before.attributes, {
        set: input.attributes,
        remove: input.attributesToDelete,
      }),
      ...(input.preferredDisplayMetricIds === undefined
        ? {}
        : { preferredDisplayMetricIds: await requireDisplayMetrics(tx, input.preferredDisplayMetricIds ?? []) }),
      updatedAt: new Date(),
      updatedBy: tx.identity.actor.id,
    })
    .where(and(eq(places.orgId, tx.orgId), eq(places.id, before.id)))
    .returning();
  return { before, after: changedRow(updated, 'write', placeNoun(kind)) };
}

function requireSitePosition(latitude: number | null): void {
  if (latitude === null) throw invalidInput('input.latitude', 'must not be null: a site has a position');
}
