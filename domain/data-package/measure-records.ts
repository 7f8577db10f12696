import { sql } from 'drizzle-orm';
import type { Identity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import { countedTables } from './counted-tables.js';

const tables = Object.keys(countedTables).filter((name) => countedTables[name] === true);

/**
 * Bytes of the records of an organization: of its rows as PostgreSQL stores them, with their headers, without indexes,
 * which organizations share. Reads its rows table by table, each in a transaction of its own.
 * @param identity the system's, acting on the organization
 */
export async function measureRecords(operational: Database, identity: Identity): Promise<number> {
  let bytes = 0;
  for (const table of tables) {
    const [row] = await withOrg(operational, identity, 'read', ({ db, orgId }) =>
      db.execute<{ bytes: number }>(
        // Rows begin at multiples of 8 bytes; 4 more point to each.
        sql`select coalesce(sum((pg_column_size(t.*) + 7) / 8 * 8 + 4), 0)::float8 as bytes
            from ${sql.identifier('app')}.${sql.identifier(table)} t where t.org_id = ${orgId}`,
      ),
    );
    bytes += row?.bytes ?? 0;
  }
  return bytes;
}
