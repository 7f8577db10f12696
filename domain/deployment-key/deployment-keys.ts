import { arrayLiteral } from '../../db/array-literal.js';
import type { OrgTransaction } from '../../db/with-org.js';

/** A key of the deployment, without the key. */
export interface DeploymentKey {
  readonly kind: string;
  /** 16 hex digits, derived from the key. */
  readonly id: string;
  /** CURRENT seals; RETIRED opens what it has sealed; REMOVED is no longer in the key ring. */
  readonly state: 'CURRENT' | 'RETIRED' | 'REMOVED';
  /** When its file was written, as first seen; where it has none, when it was first seen. */
  readonly createdAt: Date;
  /** When it came into its state. */
  readonly changedAt: Date;
  /** Of a retired root key: since when no row needs it. */
  readonly unusedAt: Date | null;
}

/** All keys that were ever in the key ring, by kind; for the system and operators. */
export async function listDeploymentKeys(tx: OrgTransaction): Promise<DeploymentKey[]> {
  const rows = await tx.sql<
    (Pick<DeploymentKey, 'kind' | 'id' | 'state'> &
      Record<'createdAt' | 'changedAt', string> & { unusedAt: string | null })[]
  >`
    select kind, id, state, created_at as "createdAt", changed_at as "changedAt", unused_at as "unusedAt"
    from platform.list_keys()`;
  return rows.map(({ createdAt, changedAt, unusedAt, ...rest }) => ({
    ...rest,
    createdAt: new Date(createdAt),
    changedAt: new Date(changedAt),
    unusedAt: unusedAt === null ? null : new Date(unusedAt),
  }));
}

/**
 * Notes which keys of a kind are in the key ring.
 * @param keys the current one first; one that was noted and is not among them counts as removed
 */
export async function noteKeys(
  tx: OrgTransaction,
  kind: string,
  keys: readonly { readonly id: string; readonly madeAt: Date }[],
): Promise<void> {
  const ids = arrayLiteral(keys.map(({ id }) => id));
  const madeAt = arrayLiteral(keys.map((key) => key.madeAt.toISOString()));
  await tx.sql`select platform.note_keys(${kind}, ${ids}::text[], ${madeAt}::timestamptz[])`;
}
