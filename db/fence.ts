import postgres from 'postgres';
import { withAdministrator } from './administrator.js';
import { defaultDatabaseNames } from './cluster.js';
import { startFault } from './embedded/start-fault.js';

/** SQLSTATEs of a database that is not there yet, or has no table of recoveries yet. */
const notThere = ['3D000', '42P01'];

/**
 * The moment to which a fenced deployment was put back, in UTC, ISO 8601; undefined where there is no fence.
 * @param adminUrl address of the administrator; the database in it does not matter
 */
export async function fencedSince(
  adminUrl: string,
  database = defaultDatabaseNames.operational,
): Promise<string | undefined> {
  return withAdministrator(adminUrl, database, async (sql) => {
    try {
      const [fence] = await sql.begin(async (tx) => {
        await tx`set local role bulkhead_owner`;
        return tx<{ restoredTo: string }[]>`
          select to_char(restored_to at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "restoredTo"
          from platform.recoveries where lifted_at is null`;
      });
      return fence?.restoredTo;
    } catch (error) {
      if (error instanceof postgres.PostgresError && notThere.includes(error.code)) return undefined;
      throw error;
    }
  });
}

/**
 * Refuses a deployment that was put back in time and does not know yet what was revoked and deleted since.
 * @throws BulkheadError UNAVAILABLE that says what to do
 */
export async function requireUnfenced(adminUrl: string): Promise<void> {
  const restoredTo = await fencedSince(adminUrl);
  if (restoredTo === undefined) return;
  throw startFault(
    `This deployment was put back to ${restoredTo} and is fenced until it knows what was revoked and deleted since: ` +
      'give "npx bulkhead ledger replay --ledger <directory>" with its ledger, then start again.',
  );
}
