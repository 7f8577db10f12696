/** Where a sealed secret belongs. */
export interface SecretPlace {
  /** Id of the deployment: sealed bytes of a copy are worth nothing in another one. */
  readonly deployment: string;
  readonly orgId: string;
  readonly integrationId: string;
  readonly name: string;
  /** Number of the value, from 1. */
  readonly version: number;
}

/**
 * The place as bytes that sealing authenticates. Only the deployment could hold a `|`, and all after it cannot, so no two
 * places give the same bytes.
 */
export function secretPlaceBytes(place: SecretPlace): Buffer {
  const { deployment, orgId, integrationId, name, version } = place;
  return Buffer.from(['v1', deployment, orgId, integrationId, name, version].join('|'), 'utf8');
}
