import { requireAction } from '../../auth/authorize.js';
import { organizationPath } from '../../auth/scopes/resource-path.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { getOrganization } from './get-organization.js';

/** What is to confirm that an organization is deleted. */
export interface DeletionInput {
  /** The exact name of the organization. */
  readonly confirmName: string;
}

/**
 * Asks for the deletion of the organization of the transaction. From the commit on all its keys are revoked, nobody writes
 * for it any more, and a job removes what it has; nothing takes it back.
 * @returns since when it is deleted
 * @throws BulkheadError NOT_FOUND, FORBIDDEN for a key without `admin` on the organization or of another type than ADMIN,
 * BAD_USER_INPUT for another name, CONFLICT if it is deleted already
 */
export async function deleteOrganization(tx: OrgTransaction, { confirmName }: DeletionInput): Promise<Date> {
  const { name } = await getOrganization(tx);
  requireAction(tx.identity, 'admin', organizationPath(tx.orgId), 'organization');
  if (confirmName !== name) throw invalidInput('input.confirmName', 'must be the exact name of the organization');
  const [row] = await tx.sql<{ at: string }[]>`
    select to_char(platform.request_deletion(${confirmName}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`;
  if (row === undefined) throw new Error('the deletion was not asked for');
  return new Date(row.at);
}
