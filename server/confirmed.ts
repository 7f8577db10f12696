import type { Identity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { readWithOrg } from '../db/read-with-org.js';

/**
 * Runs the operation of a request whose key was remembered, so that its answer is that of the key as it is now. Where
 * no transaction of the operation has confirmed the key, one that does nothing else does. Where one was refused because
 * the key has changed, the key is looked up and the operation run once more; unless it has written already, which takes
 * a change of the key between two transactions of one request: then the answer stands, with the refusal in it.
 * @param lookAgain looks the key up anew, for the second run; throws UNAUTHENTICATED for one that may not be used any more
 */
export async function confirmed<T>(
  database: Database,
  identity: Identity,
  run: () => Promise<T>,
  lookAgain: () => Promise<void>,
): Promise<T> {
  const { fate } = identity;
  const answer = await run();
  if (!fate.isEntered && !fate.isRefused) await confirm(database, identity);
  if (!fate.isRefused || fate.isWritten) return answer;
  await lookAgain();
  return run();
}

/** A database that cannot be asked gives no answer; that it refuses the key is seen from the identity. */
async function confirm(database: Database, identity: Identity): Promise<void> {
  try {
    await readWithOrg(database, identity, []);
  } catch (error) {
    if (!identity.fate.isRefused) throw error;
  }
}
