import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';

/** An operator of the deployment. */
export interface Operator {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  /** Since when the key is refused; null while it is not. */
  readonly revokedAt: Date | null;
}

/**
 * All operators, oldest first, the revoked ones too; for the machine itself only.
 * @param requestId as in logs
 */
export async function listOperators(database: Database, requestId: string): Promise<Operator[]> {
  const identity = systemIdentity(deploymentOrgId, 'operator list', requestId);
  const rows = await withOrg(
    database,
    identity,
    'read',
    ({ sql }) => sql<{ id: string; name: string; createdAt: string; revokedAt: string | null }[]>`
      select id, name, created_at as "createdAt", revoked_at as "revokedAt" from platform.list_operators()`,
  );
  return rows.map(({ createdAt, revokedAt, ...row }) => ({
    ...row,
    createdAt: new Date(createdAt),
    revokedAt: revokedAt === null ? null : new Date(revokedAt),
  }));
}
