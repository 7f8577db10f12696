import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput, notFound } from '../../errors/bulkhead-error.js';
import { type DataPackage, type DataPackageRow, dataPackageOf } from '../data-package/data-package.js';
import { requireUuid } from '../input/id.js';
import type { PageRequest } from '../page.js';
import { requirePageSize } from '../read-page.js';

/** A rate limit in force. */
export interface OperatedRateLimit {
  readonly tier: 'STANDARD' | 'DATA_READ';
  /** Tokens added a minute. */
  readonly perMinute: number;
  /** Tokens that the bucket holds at most. */
  readonly burst: number;
}

/** An organization as its operator sees it. */
export interface OperatedOrganization {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  /** Days for which telemetry is kept. */
  readonly retentionDays: number;
  readonly telemetryState: 'REQUESTED' | 'READY';
  /** Why provisioning last failed. */
  readonly provisioningFailure: string | null;
  /** Both tiers, its own limits or the defaults. */
  readonly rateLimits: readonly OperatedRateLimit[];
  readonly dataPackage: DataPackage;
}

type OperatedRow = Omit<OperatedOrganization, 'createdAt' | 'dataPackage'> & {
  readonly createdAt: string;
  readonly dataPackage: DataPackageRow;
};

/**
 * The organization of the transaction, which must be an operator's or the system's.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN for other actors
 */
export async function getOperatedOrganization(tx: OrgTransaction): Promise<OperatedOrganization> {
  const [row] = await tx.sql<OperatedRow[]>`
    select ${columns(tx)} from platform.operated_organization()`;
  if (row === undefined) throw notFound('organization');
  return fromRow(row);
}

/**
 * Organizations of the deployment in order of their ids; the transaction must be an operator's or the system's.
 * @param request `after` is the id after which the page starts
 * @throws BulkheadError BAD_USER_INPUT for `first` outside 1–100 or an `after` that is no id, FORBIDDEN for other actors
 */
export async function listOperatedOrganizations(
  tx: OrgTransaction,
  { first, after }: PageRequest,
): Promise<OperatedOrganization[]> {
  requirePageSize(first);
  const start = after === null || after === undefined ? null : requireAfter(after);
  const rows = await tx.sql<OperatedRow[]>`
    select ${columns(tx)} from platform.list_organizations(${start}::uuid, ${first})`;
  return rows.map(fromRow);
}

function columns({ sql }: OrgTransaction) {
  return sql`org_id as id, name, created_at as "createdAt", retention_days as "retentionDays",
    telemetry_state as "telemetryState", failure as "provisioningFailure", rate_limits as "rateLimits",
    data_package as "dataPackage"`;
}

function fromRow(row: OperatedRow): OperatedOrganization {
  return { ...row, createdAt: new Date(row.createdAt), dataPackage: dataPackageOf(row.dataPackage) };
}

function requireAfter(after: string): string {
  try {
    return requireUuid(after, 'organization');
  } catch {
    throw invalidInput('after', 'must be an id of an organization');
  }
}
