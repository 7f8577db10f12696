import type { Database } from './database.js';
import { poolOf } from './pool.js';

/** Milliseconds after which a database that has not answered counts as not reachable. */
const patienceMs = 2000;

/** Whether the database answers this process now. */
export async function isReachable(database: Database): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  try {
    return await Promise.race([poolOf(database)`select 1`.then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
