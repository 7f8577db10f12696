import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { OrgTransaction } from '../../db/with-org.js';
import { type Check, notProvided, passUnless } from '../check.js';
import { asSystem, organizationIds } from '../system/as-system.js';
import { readableTables } from '../system/readable-tables.js';

/** Organizations whose context is tried at most. */
const maxTried = 5;

/** Under the context of one organization no row of another is visible, in any table: it is tried with real rows. */
export const noRowsOfOthers: Check = {
  id: 'no-rows-of-others',
  title: 'Under the context of an organization no row of another is visible',
  look: async (context) => {
    const tables = await readableTables(context);
    const tried: string[] = [];
    for await (const orgId of organizationIds(context)) {
      if (tried.length === maxTried) break;
      tried.push(orgId);
    }
    if (tried.length === 0) return notProvided('there is no organization yet');
    let withRows = 0;
    const faults = new Set<string>();
    for (const orgId of [...tried, randomUUID()]) {
      const { own, foreign } = await asSystem(context, (tx) => seen(tx, tables), orgId);
      if (own.length > 0) withRows += 1;
      for (const table of foreign) faults.add(`${table} shows rows of others`);
    }
    // Of one that does not exist there are none: otherwise the look would mean nothing.
    if (withRows !== tried.length) faults.add(`own rows were seen by ${withRows} of ${tried.length} organizations`);
    return passUnless(
      [...faults],
      `${tables.length} tables under the contexts of ${tried.length} organizations and of none`,
    );
  },
};

/** Tables that show rows of the organization of the context, and of others. */
async function seen(tx: OrgTransaction, tables: readonly string[]) {
  const looks = (condition: string) =>
    `array_to_json(array_remove(array[${tables
      .map((table) => `case when exists (select from ${table} t where t.org_id ${condition}) then '${table}' end`)
      .join(', ')}]::text[], null))`;
  const [found] = (await tx.db.execute(
    sql.raw(`select ${looks(`= '${tx.orgId}'`)} as own, ${looks(`<> '${tx.orgId}'`)} as foreign`),
  )) as unknown as { own: string[]; foreign: string[] }[];
  return found ?? { own: [], foreign: [] };
}
