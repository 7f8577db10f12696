import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';
import type { PageRequest } from '../page.js';
import { requirePageSize } from '../read-page.js';
import type { DeletionStep } from './deletion-step.js';

/** The deletion of an organization, as operators see it. */
export interface OrganizationDeletion {
  readonly organizationId: string;
  readonly requestedAt: Date;
  readonly requestedByType: 'API_KEY' | 'SYSTEM';
  /** Id of the key, or name of the command. */
  readonly requestedById: string;
  /** What is being done; null once all is done. */
  readonly step: DeletionStep | null;
  readonly completedAt: Date | null;
  /** Why the last run has failed; it is tried again. */
  readonly failure: string | null;
  /** The file of the certificate, once all is done. */
  readonly certificate: string | null;
}

/**
 * Deletions of organizations in order of their ids; the transaction must be an operator's or the system's.
 * @throws BulkheadError BAD_USER_INPUT for `first` outside 1–100 or an `after` that is no id, FORBIDDEN for other actors
 */
export async function listDeletions(
  tx: OrgTransaction,
  { first, after }: PageRequest,
): Promise<OrganizationDeletion[]> {
  requirePageSize(first);
  return select(tx, after ?? null, first, null);
}

/**
 * The deletion of one organization; null if there is none.
 * @throws BulkheadError NOT_FOUND for what is no id, FORBIDDEN for other actors
 */
export async function getDeletion(tx: OrgTransaction, organizationId: string): Promise<OrganizationDeletion | null> {
  const [deletion] = await select(tx, null, 1, requireUuid(organizationId, 'organization'));
  return deletion ?? null;
}

async function select(tx: OrgTransaction, after: string | null, first: number, only: string | null) {
  const rows = await tx.sql<DeletionRow[]>`
    select org_id as "organizationId", requested_at as "requestedAt", requested_by_type as "requestedByType",
           requested_by_id as "requestedById", step, completed_at as "completedAt", failure, certificate
    from platform.list_deletions(${after === null ? null : requireAfter(after)}::uuid, ${first}, ${only}::uuid)`;
  return rows.map(({ requestedAt, completedAt, ...row }) => ({
    ...row,
    requestedAt: new Date(requestedAt),
    completedAt: completedAt === null ? null : new Date(completedAt),
  }));
}

type DeletionRow = Omit<OrganizationDeletion, 'requestedAt' | 'completedAt'> & {
  readonly requestedAt: string;
  readonly completedAt: string | null;
};

function requireAfter(after: string): string {
  try {
    return requireUuid(after, 'organization');
  } catch {
    throw invalidInput('after', 'must be an id of an organization');
  }
}
