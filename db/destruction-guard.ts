import { BulkheadError } from '../errors/bulkhead-error.js';
import { connect } from './connect.js';

/** Milliseconds for which a base backup counts as fresh: one is made each day. */
const freshMs = 24 * 3_600_000;

/** What whoever migrates has said. */
export interface DestructionPermission {
  /** Data may be removed by migrations. */
  readonly allowDestructive: boolean;
  /** No fresh base backup is asked for: for a cluster that is backed up by other means. */
  readonly withoutBackup: boolean;
}

/** Decides about migrations that remove data; throws to refuse them. */
export type DestructionGuard = (found: readonly string[]) => Promise<void>;

/** Nothing is removed. */
export const noDestruction: DestructionPermission = { allowDestructive: false, withoutBackup: false };

/**
 * Refuses migrations that remove data, unless that is allowed and there is a base backup of the last 24 hours.
 * @param operationalUrl address of the operational database as bulkhead_migrator, which knows of backups
 */
export function destructionGuard(operationalUrl: string, permission: DestructionPermission): DestructionGuard {
  return async (found) => {
    const what = `Migrations of this version remove data for good: ${found.join('; ')}.`;
    if (!permission.allowDestructive) {
      throw refusal(
        `${what} They were not run. Take a backup ("bulkhead backup now" with the version before), then run ` +
          '"bulkhead migrate --allow-destructive", then start.',
      );
    }
    if (permission.withoutBackup) return;
    const ageMs = await ageOfNewestBackup(operationalUrl);
    if (ageMs !== undefined && ageMs <= freshMs) return;
    const age = ageMs === undefined ? 'There is no base backup' : `The newest base backup is ${hours(ageMs)} hours old`;
    throw refusal(
      `${what} They were not run. ${age}; one of the last 24 hours is needed. Where the cluster is backed up by other ` +
        'means, and you know that it was, add --without-backup.',
    );
  };
}

/** Milliseconds since the end of the newest base backup by the clock of the database; undefined where there is none. */
async function ageOfNewestBackup(operationalUrl: string): Promise<number | undefined> {
  const sql = connect(operationalUrl, { max: 1, fetch_types: false, connect_timeout: 10, onnotice: () => {} });
  try {
    await sql`set role bulkhead_owner`;
    const [known] = await sql<{ table: string | null }[]>`select to_regclass('platform.base_backups')::text as table`;
    if (known?.table == null) return undefined;
    const [newest] = await sql<{ ageMs: number | null }[]>`
      select (extract(epoch from clock_timestamp() - max(ended_at)) * 1000)::float8 as "ageMs"
      from platform.base_backups where outcome = 'COMPLETE'`;
    return newest?.ageMs ?? undefined;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function refusal(message: string): BulkheadError {
  return new BulkheadError('CONFLICT', message);
}

function hours(ms: number): number {
  return Math.floor(ms / 3_600_000);
}
