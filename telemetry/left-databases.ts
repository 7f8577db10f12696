import { createHash } from 'node:crypto';
import { requireDatabaseName } from './database-name.js';
import { dropDatabase } from './drop-database.js';
import { connectAsProvisioner } from './with-provisioner.js';

/** Milliseconds that a database which is nobody's is kept: for whoever has to look at what an interrupted restore left. */
const keptMs = 86_400_000;

/** A statement that runs as the administrator, in a transaction too: which database is no organization's. */
export function markLeft(database: string, orgId: string, at: Date): string {
  requireDatabaseName(database);
  return `comment on database ${database} is 'bulkhead left ${at.toISOString()} ${tagOf(orgId)}'`;
}

/** A statement, as `markLeft`: which one is an organization's from now on. */
export function markPlaced(database: string): string {
  requireDatabaseName(database);
  return `comment on database ${database} is null`;
}

/** Names of the databases that were an organization's, or were to be, and are no longer. */
export async function leftDatabasesOf(provisionerUrl: string, orgId: string): Promise<string[]> {
  const left = await leftDatabases(provisionerUrl);
  return left.filter(({ tag }) => tag === tagOf(orgId)).map(({ name }) => name);
}

/**
 * Drops those that have been nobody's for a day, and in which nobody works.
 * @returns how many there were
 */
export async function dropLeftDatabases(provisionerUrl: string, now: Date): Promise<number> {
  const left = await leftDatabases(provisionerUrl);
  const old = left.filter(({ at, isUsed }) => !isUsed && new Date(at).getTime() < now.getTime() - keptMs);
  for (const { name } of old) await dropDatabase({ provisionerUrl, database: name, role: name });
  return old.length;
}

async function leftDatabases(provisionerUrl: string) {
  const sql = connectAsProvisioner(provisionerUrl);
  try {
    return await sql<{ name: string; at: string; tag: string; isUsed: boolean }[]>`
      select d.datname as name, m[1] as at, m[2] as tag,
             exists (select from pg_stat_activity a where a.datid = d.oid) as "isUsed"
      from pg_database d
      cross join lateral regexp_match(shobj_description(d.oid, 'pg_database'), '^bulkhead left ([^ ]+) ([0-9a-f]{32})$') m
      where d.datname ~ '^t_[0-9a-f]{16}$' and m is not null`;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Every role of a cluster can read the comments of all databases, so it tells nothing about the organization. */
function tagOf(orgId: string): string {
  return createHash('sha256').update(`bulkhead left ${orgId}`).digest('hex').slice(0, 32);
}
