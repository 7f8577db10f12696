import type { AdministratorTransaction } from '../../db/administrator.js';
import { recoveryFault } from '../recovery-fault.js';
import type { LoadedTable } from './load-rows.js';
import type { OrganizationTable } from './organization-tables.js';

interface Reference {
  readonly name: string;
  readonly child: string;
  readonly parent: string;
  readonly childKey: readonly string[];
  readonly parentKey: readonly string[];
}

/**
 * Puts the rows of one organization back, in a transaction whose session is a replica: neither triggers nor foreign keys
 * act, since rows come in no order, and with the moments that they had. So the references are verified afterwards, all
 * of the organization, before anything is committed.
 * @throws BulkheadError UNAVAILABLE that names a reference which does not hold
 */
export async function putRowsBack(
  tx: AdministratorTransaction,
  loaded: readonly LoadedTable[],
  all: readonly OrganizationTable[],
  orgId: string,
): Promise<void> {
  await tx`set local session_replication_role = replica`;
  const isSame = ({ key }: LoadedTable) => key.map((column) => `l.${column} = r.${column}`).join(' and ');
  for (const table of loaded) {
    await tx.unsafe(
      `delete from ${table.name} l where l.org_id = $1 and not exists (
         select from ${table.loaded} r where ${isSame(table)} and row_to_json(r)::text = row_to_json(l)::text)`,
      [orgId],
    );
  }
  for (const table of loaded) {
    const columns = table.columns.map((column) => `"${column}"`).join(', ');
    await tx.unsafe(
      `insert into ${table.name} (${columns}) select ${columns} from ${table.loaded} r
       where not exists (select from ${table.name} l where l.org_id = $1 and ${isSame(table)})`,
      [orgId],
    );
  }
  const restored = new Set(loaded.map(({ name }) => name));
  const references = await referencesOf(tx, all);
  for (const reference of references) {
    if (restored.has(reference.child) || !restored.has(reference.parent)) continue;
    await tx.unsafe(`delete from ${reference.child} c where ${isBroken(reference)}`, [orgId]);
  }
  await makeIndexesAnew(tx, orgId);
  for (const reference of references) {
    const [broken] = await tx.unsafe(`select from ${reference.child} c where ${isBroken(reference)} limit 1`, [orgId]);
    if (broken !== undefined) throw recoveryFault(`${reference.child} would refer to nothing (${reference.name})`);
  }
  await tx`set local session_replication_role = origin`;
}

/** What triggers would have kept in step. */
async function makeIndexesAnew(tx: AdministratorTransaction, orgId: string): Promise<void> {
  await tx`delete from platform.hooks where org_id = ${orgId}`;
  await tx`insert into platform.hooks (integration_id, org_id) select i.id, i.org_id from app.integrations i
           where i.org_id = ${orgId} and i.is_enabled and i.direction = 'INGRESS' and i.type = 'WEBHOOK'`;
  await tx`delete from platform.integration_work w where w.org_id = ${orgId} and not exists (
             select from app.deliveries d where d.org_id = w.org_id and d.id = w.id and w.kind = 'DELIVERY' union all
             select from app.inbound_events e where e.org_id = w.org_id and e.id = w.id and w.kind = 'EVENT' union all
             select from app.hook_posts p where p.org_id = w.org_id and p.id = w.id and w.kind = 'POST')`;
}

async function referencesOf(tx: AdministratorTransaction, all: readonly OrganizationTable[]): Promise<Reference[]> {
  const rows = await tx<{ name: string; child: string; parent: string; childKey: string; parentKey: string }[]>`
    select k.conname as name, cn.nspname || '.' || c.relname as child, pn.nspname || '.' || p.relname as parent,
           (select string_agg(a.attname, ' ' order by x.ordinality) from unnest(k.conkey) with ordinality x (attnum, ordinality)
            join pg_attribute a on a.attrelid = k.conrelid and a.attnum = x.attnum) as "childKey",
           (select string_agg(a.attname, ' ' order by x.ordinality) from unnest(k.confkey) with ordinality x (attnum, ordinality)
            join pg_attribute a on a.attrelid = k.confrelid and a.attnum = x.attnum) as "parentKey"
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace cn on cn.oid = c.relnamespace
    join pg_class p on p.oid = k.confrelid join pg_namespace pn on pn.oid = p.relnamespace
    where k.contype = 'f' order by 1`;
  const known = new Set(all.map(({ name }) => name));
  return rows
    .filter(({ child }) => known.has(child))
    .map((row) => ({ ...row, childKey: row.childKey.split(' '), parentKey: row.parentKey.split(' ') }));
}

/** A row `c` of the organization that refers to none (MATCH SIMPLE: one null is enough to refer to nothing). */
function isBroken({ parent, childKey, parentKey }: Reference): string {
  const isSet = childKey.map((column) => `c.${column} is not null`).join(' and ');
  const isThere = childKey.map((column, index) => `p.${parentKey[index]} = c.${column}`).join(' and ');
  return `c.org_id = $1 and ${isSet} and not exists (select from ${parent} p where ${isThere})`;
}
