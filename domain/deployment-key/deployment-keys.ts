import { arrayLiteral } from '../../db/array-literal.js';
import type { OrgTransaction } from '../../db/with-org.js';

/** A key of the deployment, without the key. */
export interface DeploymentKey {
  readonly kind: string;
  /** 16 hex digits, derived from the key. */
  readonly id: string;
  /** CURRENT seals; RETIRED opens what it has sealed; REMOVED is no longer in the key ring. */
  readonly state: 'CURRENT' | 'RETIRED' | 'REMOVED';
  /** When it was first seen in the key ring. */
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
 * @param ids that of the current one first; one that was noted and is not among them counts as removed
 */
export async function noteKeys(tx: OrgTransaction, kind: string, ids: readonly string[]): Promise<void> {
  await tx.sql`select platform.note_keys(${kind}, ${arrayLiteral(ids)}::text[])`;
}
