import type { OrgTransaction } from '../../db/with-org.js';
import { getOrganization } from '../organization/get-organization.js';

/** How much data an organization may have, and has. */
export interface DataPackage {
  /** Limit in MiB, 1–16,777,216 (default 1,024). */
  readonly limitMebibytes: number;
  /** Records and telemetry, in bytes. */
  readonly usedBytes: number;
  readonly recordBytes: number;
  readonly telemetryBytes: number;
  /** NEAR from 80 % of the limit on, FULL from all of it on; left again below 75 % and 95 %. */
  readonly state: 'BELOW' | 'NEAR' | 'FULL';
  /** When it was measured; null before the first time. */
  readonly measuredAt: Date | null;
}

/** A data package as the database answers it. */
export interface DataPackageRow {
  readonly limitMebibytes: number;
  readonly recordBytes: number;
  readonly telemetryBytes: number;
  readonly state: DataPackage['state'];
  readonly measuredMs: number | null;
}

/** The data package of a row. */
export function dataPackageOf({ measuredMs, ...row }: DataPackageRow): DataPackage {
  return {
    ...row,
    usedBytes: row.recordBytes + row.telemetryBytes,
    measuredAt: measuredMs === null ? null : new Date(measuredMs),
  };
}

/**
 * The data package of the organization of the transaction.
 * @throws BulkheadError NOT_FOUND without a scope on the organization
 */
export async function getDataPackage(tx: OrgTransaction): Promise<DataPackage> {
  await getOrganization(tx);
  const [row] = await tx.sql<DataPackageRow[]>`
    select limit_mebibytes as "limitMebibytes", record_bytes::float8 as "recordBytes",
           telemetry_bytes::float8 as "telemetryBytes", state,
           (extract(epoch from measured_at) * 1000)::float8 as "measuredMs"
    from platform.data_package()`;
  if (row === undefined) throw new Error('the organization has no data package');
  return dataPackageOf(row);
}
