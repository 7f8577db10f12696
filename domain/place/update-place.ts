import type { PlaceRow } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { changeRow, type RowChange } from '../change-row.js';
import { isMerged, mergedWith } from '../input/merged.js';
import { requireText } from '../input/text.js';
import { requireDisplayMetrics } from './display-metrics.js';
import { lockPlace, writablePlaces } from './lock-place.js';
import type { PlaceKind } from './place-kind.js';

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
  const plain = {
    ...(input.name === undefined ? {} : { name: requireText('input.name', input.name, { max: 200 }) }),
    ...(input.address === undefined
      ? {}
      : { address: requireText('input.address', input.address, { min: 0, max: 500 }) }),
    ...(input.preferredDisplayMetricIds === undefined
      ? {}
      : { preferredDisplayMetricIds: await requireDisplayMetrics(tx, input.preferredDisplayMetricIds ?? []) }),
  };
  if (!isMerged(input)) return changeRow(tx, writablePlaces[kind], input.id, plain);
  const before = await lockPlace(tx, kind, input.id);
  const merged = mergedWith(before, input);
  if (kind === 'Site') requireSitePosition(merged.latitude);
  return changeRow(tx, writablePlaces[kind], before, { ...plain, ...merged });
}

function requireSitePosition(latitude: number | null): void {
  if (latitude === null) throw invalidInput('input.latitude', 'must not be null: a site has a position');
}
