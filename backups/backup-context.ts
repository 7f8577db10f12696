import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { type OrgTransaction, withOrg } from '../db/with-org.js';
import type { ProcessMetrics } from '../signals/process-metrics.js';
import type { BackupConfiguration } from './backup-configuration.js';
import type { ServerFacts } from './base/take-base.js';
import type { SealedRepository } from './repository/sealed-repository.js';

/** What tasks of backups work with. */
export interface BackupContext {
  readonly configuration: BackupConfiguration;
  /** Operational database as `bulkhead_backup`. */
  readonly operational: Database;
  readonly repository: SealedRepository;
  readonly log: Logger;
  /** What the backup process measures. */
  readonly metrics: ProcessMetrics;
}

/** A transaction of the backup process, which sees no rows of organizations. */
export function inTransaction<T>(
  { operational }: Pick<BackupContext, 'operational'>,
  work: (tx: OrgTransaction) => Promise<T>,
): Promise<T> {
  return withOrg(operational, systemIdentity(deploymentOrgId, 'backups', randomUUID()), 'write', work);
}

/** The clock and the constants of the server. */
export function askServer(context: Pick<BackupContext, 'operational'>): Promise<ServerFacts> {
  return inTransaction(context, async ({ sql }) => {
    const [row] = await sql<{ now: string; walFileBytes: string; postgresVersion: string; superuser: string }[]>`
      select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now,
             (select setting from pg_settings where name = 'wal_segment_size') as "walFileBytes",
             current_setting('server_version_num') as "postgresVersion",
             -- initdb gives the first superuser this oid (BOOTSTRAP_SUPERUSERID)
             (select rolname from pg_roles where oid = 10) as superuser`;
    if (row === undefined) throw new Error('the server does not answer');
    const { now, walFileBytes, postgresVersion, superuser } = row;
    const numbers = { walFileBytes: Number(walFileBytes), postgresVersion: Number(postgresVersion) };
    return { now: new Date(now), ...numbers, superuser };
  });
}

/** An alert of backups. */
export interface BackupAlert {
  readonly name: 'WalNotArchived' | 'BaseBackupFailed' | 'DrillFailed';
  readonly severity: 'page' | 'ticket';
  readonly summary: string;
  readonly evidence: Readonly<Record<string, string | number | boolean | null>>;
}

/** Sets an alert, or clears it. */
export async function setAlert(
  context: Pick<BackupContext, 'operational'>,
  isFiring: boolean,
  { name, severity, summary, evidence }: BackupAlert,
): Promise<void> {
  await inTransaction(context, async ({ sql }) => {
    await sql`select platform.set_alert(${name}, ${isFiring}, ${severity}, ${summary.slice(0, 500)},
                                        ${JSON.stringify(evidence)}::jsonb)`;
  });
}
