import type { Identity } from '../auth/identity.js';
import type { Database } from './database.js';
import { withOrg } from './with-org.js';

/** Notes that the key of an identity was used now; the database writes at most once a minute and key. */
export async function noteKeyUse(database: Database, identity: Identity): Promise<void> {
  await withOrg(database, identity, 'read', (tx) => tx.sql`select app.touch_api_key()`);
}
