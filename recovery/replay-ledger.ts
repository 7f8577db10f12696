import { randomUUID } from 'node:crypto';
import { appendAudit } from '../audit/append-audit.js';
import type { AuditVerifier } from '../audit/audit-key.js';
import { adoptLedger } from '../audit/ledger/adopt-ledger.js';
import { type LedgerEnd, type PlacedEntry, readSignedLedger, requireLine } from '../audit/ledger/ledger.js';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import { type Administrator, withAdministrator } from '../db/administrator.js';
import { arrayLiteral } from '../db/array-literal.js';
import { type DatabaseNames, defaultDatabaseNames } from '../db/cluster.js';
import { closeDatabase, openDatabase } from '../db/database.js';
import { inDatabase } from '../db/server-hosts.js';
import { type OrgTransaction, withOrg } from '../db/with-org.js';
import { type NarrowingReport, replayNarrowings } from './replay-narrowings.js';

/** What a replay works with. */
export interface Replay {
  /** Address of the administrator, a superuser: no other role can log in yet. */
  readonly adminUrl: string;
  readonly contextKey: Buffer;
  /** Public half of the audit key, with the name of the deployment. */
  readonly key: AuditVerifier;
  /** Directory of the ledger. */
  readonly ledger: string;
  /** Directory in which this deployment goes on with it: a second ledger of one deployment would not have these lines. */
  readonly into: string;
  readonly names?: DatabaseNames;
}

/** What a replay did. Done again, it finds nothing to do. */
export interface ReplayReport extends NarrowingReport {
  /** Lines of the ledger. */
  readonly entries: number;
  /** Organizations that are deleted again; the worker does it, their keys are refused from now on. */
  readonly deletions: number;
  readonly keysRevoked: number;
  readonly keySecretsEnded: number;
  readonly operatorsRevoked: number;
  /** Values of secrets that were replaced or deleted later, and are gone again. */
  readonly secretsRemoved: number;
  /** What was under way and was ended, by kind; null where there was no fence to be lifted. */
  readonly ended: Readonly<Record<string, number>> | null;
}

/** The part of the system that acts, as in the audit log. */
const part = 'recovery';

/**
 * Brings a database that was put back in time to know what was revoked and deleted since, ends what was under way at
 * that moment, and lifts its fence: one transaction with its entry in the audit log. The vault comes before it, so that
 * what is interrupted stays fenced.
 * @throws Error for a ledger that is not there, of another deployment, forged, or shorter than what the database knows
 */
export async function replayLedger(replay: Replay): Promise<ReplayReport> {
  const { adminUrl, contextKey, names = defaultDatabaseNames } = replay;
  const entries = readSignedLedger(replay.ledger, replay.key);
  await withAdministrator(adminUrl, names.operational, (sql) => requireWhole(sql, entries));
  const secretsRemoved = await withAdministrator(adminUrl, names.vault, (sql) => removeSecrets(sql, entries));
  adoptLedger(replay.ledger, replay.into);
  const database = openDatabase({
    url: inDatabase(adminUrl, names.operational),
    contextKey,
    maxConnections: 1,
    applicationName: 'bulkhead recovery',
  });
  try {
    return await withOrg(database, systemIdentity(deploymentOrgId, part, randomUUID()), 'write', async (tx) => {
      const [fence] = await tx.sql<{ restoredTo: string }[]>`
        select restored_to::text as "restoredTo" from platform.recoveries where lifted_at is null`;
      const [ended] =
        fence === undefined
          ? []
          : await tx.sql<{ counts: Record<string, number> }[]>`select platform.end_what_was_under_way() as counts`;
      const report: ReplayReport = {
        entries: entries.length,
        deletions: await deleteAgain(tx, entries),
        keysRevoked: await revokeKeys(tx, entries),
        keySecretsEnded: await endKeySecrets(tx, entries),
        operatorsRevoked: await revokeOperators(tx, entries),
        ...(await replayNarrowings(tx, entries, part)),
        secretsRemoved,
        ended: ended?.counts ?? null,
      };
      const { number, sha256 } = lastOf(entries);
      await tx.sql`select platform.note_ledger(${number}, ${sha256})`;
      await tx.sql`select platform.lift_fence()`;
      const change = { restoredTo: fence?.restoredTo ?? null, ...report };
      await appendAudit(tx, { action: 'replayLedger', resource: 'DEPLOYMENT', outcome: 'SUCCEEDED', change });
      return report;
    });
  } finally {
    await closeDatabase(database);
  }
}

/** A ledger that ends before what the database knows of it may lack what was revoked last. */
async function requireWhole(sql: Administrator, entries: readonly PlacedEntry[]): Promise<void> {
  const [end] = await sql<{ number: string; sha256: string }[]>`select number, sha256 from platform.ledger_ends`;
  requireLine(entries, end && { number: Number(end.number), sha256: end.sha256 });
}

function lastOf(entries: readonly PlacedEntry[]): LedgerEnd {
  const last = entries.at(-1);
  if (last === undefined) throw new Error('a ledger that was read has a line');
  return last;
}

async function removeSecrets(sql: Administrator, entries: readonly PlacedEntry[]): Promise<number> {
  const ended = selected(entries, 'SECRET_ENDED');
  // What was set at that moment or later is the value that came after.
  const rows = await sql`
    delete from vault.secrets s using unnest(${ended.organizations}::uuid[], ${ended.subjects}::text[], ${ended.moments}::timestamptz[]) e (org, subject, at)
    where s.org_id = e.org and s.integration_id || '/' || s.name = e.subject and coalesce(s.updated_at, s.created_at) < e.at
    returning s.name`;
  return rows.length;
}

/** Asks again for deletions that this database does not know of, as those who asked for them did. */
async function deleteAgain(tx: OrgTransaction, entries: readonly PlacedEntry[]): Promise<number> {
  const begun = selected(entries, 'DELETION_BEGUN');
  const rows = await tx.sql<{ orgId: string }[]>`
    insert into platform.deletions (org_id, requested_by_type, requested_by_id, database_name)
    select t.org_id, 'SYSTEM', ${part}, t.database_name from platform.telemetry_databases t
    where t.org_id = any (${begun.organizations}::uuid[])
    on conflict (org_id) do nothing returning org_id as "orgId"`;
  const ids = arrayLiteral(rows.map(({ orgId }) => orgId));
  await tx.sql`update app.api_keys set revoked_at = clock_timestamp(), revoked_by = ${part}
               where org_id = any (${ids}::uuid[]) and revoked_at is null`;
  await tx.sql`select platform.add_job('deleteOrganization', d.org_id, '{}', job_key => 'replayed')
               from platform.deletions d where d.completed_at is null`;
  return rows.length;
}

async function revokeKeys(tx: OrgTransaction, entries: readonly PlacedEntry[]): Promise<number> {
  const revoked = selected(entries, 'API_KEY_REVOKED');
  const rows = await tx.sql`
    update app.api_keys k set revoked_at = e.at, revoked_by = ${part}
    from unnest(${revoked.organizations}::uuid[], ${revoked.subjects}::text[], ${revoked.moments}::timestamptz[]) e (org, id, at)
    where k.org_id = e.org and k.id = e.id and k.revoked_at is null returning k.id`;
  return rows.length;
}

async function endKeySecrets(tx: OrgTransaction, entries: readonly PlacedEntry[]): Promise<number> {
  const ended = selected(entries, 'API_KEY_SECRET_ENDED');
  const rows = await tx.sql`
    update app.api_key_secrets s set valid_until = e.at
    from (select org, subject, min(at) as at
          from unnest(${ended.organizations}::uuid[], ${ended.subjects}::text[], ${ended.moments}::timestamptz[]) x (org, subject, at)
          group by 1, 2) e
    where s.org_id = e.org and s.key_id || '/' || s.id = e.subject and (s.valid_until is null or s.valid_until > e.at)
    returning s.id`;
  return rows.length;
}

async function revokeOperators(tx: OrgTransaction, entries: readonly PlacedEntry[]): Promise<number> {
  const revoked = selected(entries, 'OPERATOR_REVOKED');
  const rows = await tx.sql`
    update platform.operators o set revoked_at = e.at
    from unnest(${revoked.subjects}::text[], ${revoked.moments}::timestamptz[]) e (id, at)
    where o.id = e.id and o.revoked_at is null returning o.id`;
  return rows.length;
}

/** Entries of a kind, as arrays for PostgreSQL. */
function selected(entries: readonly PlacedEntry[], event: PlacedEntry['event']) {
  const chosen = entries.filter((entry) => entry.event === event);
  return {
    organizations: arrayLiteral(chosen.map(({ organization }) => organization)),
    subjects: arrayLiteral(chosen.map(({ subject }) => subject ?? null)),
    moments: arrayLiteral(chosen.map(({ at }) => at)),
  };
}
