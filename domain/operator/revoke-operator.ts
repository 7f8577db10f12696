import { appendAudit } from '../../audit/append-audit.js';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';

/**
 * Revokes an operator for good, with an entry in the audit log of the deployment: from the machine itself only, so the
 * system acts. Gateways look an operator up for each request, so that the next one is refused.
 * @param requestId as in logs and audit entries
 * @returns since when the operator is revoked: from before, where that was so already
 * @throws BulkheadError NOT_FOUND
 */
export async function revokeOperator(database: Database, id: string, requestId: string): Promise<Date> {
  const identity = systemIdentity(deploymentOrgId, 'operator revoke', requestId);
  return withOrg(database, identity, 'write', async (tx) => {
    const [row] = await tx.sql<{ at: string | null }[]>`
      select to_char(platform.revoke_operator(${id}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`;
    if (row === undefined || row.at === null) throw notFound('operator');
    await appendAudit(tx, {
      action: 'revokeOperator',
      resource: `OPERATOR/${id}`,
      outcome: 'SUCCEEDED',
      change: { input: { id } },
    });
    return new Date(row.at);
  });
}
