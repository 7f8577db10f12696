import { requireAction } from '../../auth/authorize.js';
import { placePath } from '../../auth/scopes/resource-path.js';
import { places } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { changeAttributes } from '../input/attributes.js';
import { changeCoordinates } from '../input/coordinates.js';
import { newId } from '../input/id.js';
import { requireText } from '../input/text.js';
import { requireDisplayMetrics } from './display-metrics.js';
import { type PlaceKind, placeNoun } from './place-kind.js';

/** A new site or fleet; sites need a position and an address, fleets have no address. */
export interface NewPlace {
  readonly name: string;
  readonly latitude?: number | null | undefined;
  readonly longitude?: number | null | undefined;
  readonly address?: string | null | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | null | undefined;
  readonly preferredDisplayMetricIds?: readonly string[] | null | undefined;
}

/**
 * Creates a place and answers its id.
 * @throws BulkheadError FORBIDDEN without `write` on all places of the kind, BAD_USER_INPUT
 */
export async function createPlace(tx: OrgTransaction, kind: PlaceKind, input: NewPlace): Promise<string> {
  requireAction(tx.identity, 'write', placePath(kind, '#'), placeNoun(kind));
  const id = newId();
  await tx.db.insert(places).values({
    orgId: tx.orgId,
    id,
    placeType: kind,
    name: requireText('input.name', input.name, { max: 200 }),
    ...changeCoordinates({ latitude: null, longitude: null }, input),
    address: kind === 'Site' ? requireText('input.address', input.address, { min: 0, max: 500 }) : null,
    attributes: changeAttributes('input.attributes', {}, { set: input.attributes }),
    preferredDisplayMetricIds: await requireDisplayMetrics(tx, input.preferredDisplayMetricIds ?? []),
    createdBy: tx.identity.actor.id,
  });
  return id;
}
