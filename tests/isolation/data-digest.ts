import postgres from 'postgres';
import type { TestDeployment } from '../support/test-deployment.js';

/** What is stored of one organization: a hash of its rows by table, in all three databases; not when keys were last used. */
export type DataDigest = Readonly<Record<string, string>>;

/**
 * Looks behind every wall, as the superuser. Rows of the limiter, of live leases and of runs of jobs are left out: they
 * change all the time.
 */
export async function digestOf(deployment: TestDeployment, orgId: string): Promise<DataDigest> {
  const digest: Record<string, string> = {};
  for (const kind of ['operational', 'vault'] as const) {
    await withAdmin(deployment.adminUrl(kind), async (sql) => {
      for (const table of await tablesOfOrganizations(sql)) {
        // When retention has looked.
        if (table === 'app.retention_states') continue;
        digest[`${kind} ${table}`] = await hashRows(sql, table, sql`where org_id = ${orgId}`);
      }
    });
  }
  const { database } = await telemetryOf(deployment, orgId);
  await withAdmin(deployment.adminUrl('operational').replace(/\/[^/]*$/, `/${database}`), async (sql) => {
    for (const table of ['telemetry.readings', 'telemetry.latest']) {
      digest[`telemetry ${table}`] = await hashRows(sql, table, sql``);
    }
  });
  return digest;
}

/**
 * Texts that are stored among the rows of one organization in the schema `app`, by table.
 * @param except tables that may hold them
 */
export async function storedOf(
  deployment: TestDeployment,
  orgId: string,
  texts: readonly string[],
  except: readonly string[],
): Promise<string[]> {
  return withAdmin(deployment.adminUrl('operational'), async (sql) => {
    const found: string[] = [];
    for (const table of await tablesOfOrganizations(sql)) {
      if (!table.startsWith('app.') || except.includes(table)) continue;
      const rows = await sql<{ text: string }[]>`select t::text as text from ${sql(table)} t where org_id = ${orgId}`;
      for (const text of texts) if (rows.some((row) => row.text.includes(text))) found.push(`${table}: ${text}`);
    }
    return found;
  });
}

/** Name and sealed credential of an organization's telemetry database. */
export async function telemetryOf(
  deployment: TestDeployment,
  orgId: string,
): Promise<{ database: string; sealedPassword: Buffer }> {
  return withAdmin(deployment.adminUrl('operational'), async (sql) => {
    const [row] = await sql<{ database: string; sealedPassword: Buffer }[]>`
      select database_name as database, sealed_password as "sealedPassword"
      from platform.telemetry_databases where org_id = ${orgId}`;
    if (row === undefined) throw new Error('the organization has no telemetry database');
    return row;
  });
}

/** Runs `work` on one connection as the superuser. */
export async function withAdmin<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** Tables whose rows belong to organizations, as the catalogue has them now. */
export async function tablesOfOrganizations(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select n.nspname || '.' || c.relname as name from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('app', 'audit', 'platform', 'vault')
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
    where c.relkind in ('r', 'p') and n.nspname || '.' || c.relname <> all (${[...restless]}) order by 1`;
  return rows.map((row) => row.name);
}

/**
 * Tables that change by themselves: the limiter with every request, what a job measures, records of jobs, what is sealed of the audit log, and
 * what waits to be written into the ledger.
 */
const restless = [
  'platform.rate_buckets',
  'platform.data_packages',
  'platform.live_subscriptions',
  'platform.job_runs',
  'platform.unsealed_entries',
  'platform.unledgered',
  'audit.trees',
  'audit.leaves',
  'audit.nodes',
  'audit.heads',
];

async function hashRows(sql: postgres.Sql, table: string, where: postgres.PendingQuery<postgres.Row[]>) {
  const [row] = await sql<{ hash: string }[]>`
    select count(*) || ' ' || coalesce(md5(string_agg(row, '' order by row)), '') as hash
    from (select md5((to_jsonb(t) - 'last_used_at')::text) as row from ${sql(table)} t ${where}) hashed`;
  return row!.hash;
}
