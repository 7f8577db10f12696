import type { Database } from './database.js';
import { translateDatabaseError } from './database-errors.js';
import { poolOf } from './pool.js';

/**
 * Organization of a hook that accepts posts; undefined for one that does not exist or is disabled.
 * @param hook id of the integration
 */
export async function findHook(database: Database, hook: string): Promise<string | undefined> {
  try {
    const [row] = await poolOf(database)<{ orgId: string | null }[]>`
      select platform.find_hook(${hook}::uuid) as "orgId"`;
    return row?.orgId ?? undefined;
  } catch (error) {
    throw translateDatabaseError(error);
  }
}
