import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { appendAudit } from '../../audit/append-audit.js';
import { systemIdentity } from '../../auth/identity.js';
import { organizationPath } from '../../auth/scopes/resource-path.js';
import { getWal } from '../../backups/wal/wal-archive.js';
import {
  type Administrator,
  type AdministratorTransaction,
  connectAsAdministrator,
  enterContext,
  withAdministrator,
} from '../../db/administrator.js';
import { defaultDatabaseNames } from '../../db/cluster.js';
import { newDatabaseName, newDatabasePassword } from '../../telemetry/database-name.js';
import { dropDatabase } from '../../telemetry/drop-database.js';
import { markLeft, markPlaced } from '../../telemetry/left-databases.js';
import { provisionDatabase } from '../../telemetry/provision-database.js';
import { sealTelemetryPassword } from '../../vault/telemetry-credential.js';
import { recoveryFault } from '../recovery-fault.js';
import { copyTelemetry, telemetryRange } from './copy-telemetry.js';
import { differenceOf, type OrganizationDifference } from './difference.js';
import { holdWriters, shutOut } from './hold-writers.js';
import { type LoadedTable, loadRows } from './load-rows.js';
import type { OrganizationRequest } from './organization-request.js';
import { type OrganizationTable, organizationTables } from './organization-tables.js';
import { putRowsBack } from './put-rows-back.js';
import { integrationsOf, putSecretsBack, removeSecrets } from './put-secrets-back.js';

/** What was put back. */
export interface OrganizationReport extends OrganizationDifference {
  /** The moment right before: what it was put back from. */
  readonly before: string;
  readonly secretsPutBack: number;
}

/** The part of the system that acts, as in the audit log. */
const part = 'org restore';
/** Milliseconds that the WAL of the change may take to arrive in the repository. */
const walPatienceMs = 180_000;
const pollMs = 250;

/** An organization's telemetry database. */
interface Placement {
  readonly databaseName: string;
  readonly host: string | null;
  readonly state: string;
}

/**
 * Puts one organization back to the moment of a recovered cluster, while all others go on: its rows in one transaction,
 * for which its writers wait, and with them the placement of its telemetry, which was copied into a new database before.
 * The old one is dropped once the repository holds what undoes it all. What is interrupted leaves a database that is
 * marked as nobody's, which the worker drops a day later.
 * @returns undefined when it was not confirmed: nothing is changed then
 * @throws BulkheadError UNAVAILABLE that says why not
 */
export async function restoreOrganization(request: OrganizationRequest): Promise<OrganizationReport | undefined> {
  const { adminUrl, cluster, orgId, log } = request;
  const [live, then] = [
    connectAsAdministrator(adminUrl, defaultDatabaseNames.operational),
    cluster.connect(defaultDatabaseNames.operational),
  ];
  try {
    const [old, was] = [await placementOf(live, orgId, 'now'), await placementOf(then, orgId, 'at that moment')];
    await requireSameVersion(live, then);
    const all = await organizationTables(live, 'operational');
    await withAdministrator(adminUrl, defaultDatabaseNames.vault, (sql) => organizationTables(sql, 'vault'));
    const restored = all.filter(({ isRestored }) => isRestored);
    const loaded = await loadRows(then, live, restored, orgId);
    const difference = await describe(request, live, loaded, [old, was]);
    if (!(await request.confirm(difference))) return undefined;

    log('Telemetry is copied into a new database');
    const database = newDatabaseName();
    const password = newDatabasePassword();
    const made = { provisionerUrl: request.provisionerUrl, database, role: database };
    const undo: (() => Promise<void>)[] = [];
    try {
      await provisionDatabase({ ...made, password });
      await live.unsafe(markLeft(database, orgId, new Date()));
      await copyTelemetry(
        () => cluster.connect(was.databaseName),
        () => connectAsAdministrator(adminUrl, database),
      );
      log('Rows are put back');
      const sealed = sealTelemetryPassword(request.telemetryKey, { orgId, databaseName: database }, password);
      const exchange = { loaded, all, database, sealed, old: old.databaseName, undo };
      const { removedIntegrations, ...put } = await withAdministrator(adminUrl, old.databaseName, (sql) =>
        sql.begin(async (writers) => {
          const done = await live.begin((tx) => putBack(tx, request, { ...exchange, writers }));
          await shutOut(live, old.databaseName);
          return done;
        }),
      );
      await removeSecrets(request, removedIntegrations);
      await archived(request, live, put.before);
      await dropDatabase({ ...made, database: old.databaseName, role: old.databaseName });
      return { ...difference, ...put };
    } catch (error) {
      // Where that cannot be asked it stays, marked as nobody's.
      if (!(await isPlaced(adminUrl, database).catch(() => true))) {
        await dropDatabase(made);
        for (const each of undo) await each();
      }
      throw error;
    }
  } finally {
    await Promise.all([live.end({ timeout: 5 }), then.end({ timeout: 5 })]);
  }
}

async function describe(
  { adminUrl, cluster, orgId }: OrganizationRequest,
  live: Administrator,
  loaded: readonly LoadedTable[],
  [old, was]: readonly [Placement, Placement],
): Promise<OrganizationDifference> {
  const tables = await live.begin((tx) => differenceOf(tx, loaded, orgId));
  const now = await withAdministrator(adminUrl, old.databaseName, telemetryRange);
  const past = cluster.connect(was.databaseName);
  try {
    const [row] = await live<{ name: string }[]>`select name from app.organizations where org_id = ${orgId}`;
    return { name: row?.name ?? '', tables, telemetry: { now, past: await telemetryRange(past) } };
  } finally {
    await past.end({ timeout: 5 });
  }
}

/** What takes the place of what. */
interface Exchange {
  readonly loaded: readonly LoadedTable[];
  readonly all: readonly OrganizationTable[];
  /** The new telemetry database, and its password. */
  readonly database: string;
  readonly sealed: Buffer;
  /** The old one, and a transaction in it that lasts longer. */
  readonly old: string;
  readonly writers: AdministratorTransaction;
  /** Gets what is to be undone outside of the transaction should it not be committed. */
  readonly undo: (() => Promise<void>)[];
}

/** Everything in the operational database: all of it or nothing. */
async function putBack(
  tx: AdministratorTransaction,
  request: OrganizationRequest,
  { loaded, all, database, sealed, old, writers, undo }: Exchange,
): Promise<Omit<OrganizationReport, 'name' | 'telemetry'> & { readonly removedIntegrations: readonly string[] }> {
  const { orgId, contextKey, source } = request;
  // Whoever writes for the organization holds this lock shared.
  await tx`select pg_advisory_xact_lock(hashtextextended(${`bulkhead:writers:${orgId}`}, 0))`;
  const [clock] = await tx<{ before: string }[]>`
    select to_char(date_trunc('milliseconds', clock_timestamp() + interval '1 ms') at time zone 'UTC',
                   'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as before`;
  const before = clock?.before ?? '';
  await holdWriters(writers);
  const tables = await differenceOf(tx, loaded, orgId);
  const had = await integrationsOf(tx, orgId);
  const { secrets, integrationIds } = await putSecretsBack(request, had);
  undo.push(() => removeSecrets(request, integrationIds));
  await putRowsBack(tx, loaded, all, orgId);
  const has = await integrationsOf(tx, orgId);
  await tx.unsafe(markPlaced(database));
  await tx.unsafe(markLeft(old, orgId, new Date()));
  await tx`update platform.telemetry_databases set database_name = ${database}, sealed_password = ${sealed}
           where org_id = ${orgId}`;
  const context = await enterContext(tx, contextKey, systemIdentity(orgId, part, randomUUID()));
  const rows = Object.fromEntries(tables.map(({ table, ...counts }) => [table, counts]));
  await appendAudit(context, {
    action: 'restoreOrganization',
    resource: organizationPath(orgId),
    outcome: 'SUCCEEDED',
    change: { to: source.to?.toISOString() ?? null, before, rows },
  });
  return { before, tables, secretsPutBack: secrets, removedIntegrations: [...had].filter((id) => !has.has(id)) };
}

/** Whether it was committed, whatever the answer was: an organization that is being deleted has its telemetry, too. */
function isPlaced(adminUrl: string, database: string): Promise<boolean> {
  return withAdministrator(adminUrl, defaultDatabaseNames.operational, async (sql) => {
    const rows = await sql`select from platform.telemetry_databases where database_name = ${database}`;
    return rows.length > 0;
  });
}

async function placementOf(sql: Administrator, orgId: string, when: string): Promise<Placement> {
  const [row] = await sql<Placement[]>`
    select t.database_name as "databaseName", t.host, t.state from platform.telemetry_databases t
    where t.org_id = ${orgId} and not exists (select from platform.deletions d where d.org_id = t.org_id)`;
  if (row === undefined) throw recoveryFault(`The organization is not there ${when}, or is being deleted.`);
  if (row.host !== null) throw recoveryFault('Its telemetry is on another cluster, which this backup does not hold.');
  if (row.state !== 'READY') throw recoveryFault(`Its telemetry database was not made yet ${when}.`);
  return row;
}

/** Rows of another schema cannot be compared. */
async function requireSameVersion(live: Administrator, then: Administrator): Promise<void> {
  const [now, before] = await Promise.all(
    [live, then].map(
      (sql) =>
        sql<{ all: string }[]>`select string_agg(name || digest, ' ' order by name) as all from platform.migrations`,
    ),
  );
  if (now?.[0]?.all === before?.[0]?.all) return;
  throw recoveryFault('The schema was another one at that moment: restore the whole deployment, and upgrade that.');
}

/** What undoes it has to be in the repository before what it replaces is dropped. */
async function archived(
  { source, log, orgId }: OrganizationRequest,
  live: Administrator,
  before: string,
): Promise<void> {
  const [row] = await live<{ file: string }[]>`select pg_walfile_name(pg_switch_wal()) as file`;
  const file = row?.file ?? '';
  log('Waiting until the repository can undo it');
  const deadline = Date.now() + walPatienceMs;
  while ((await getWal(source.repository, source.catalogue.system, file)) === undefined) {
    if (Date.now() > deadline) {
      throw recoveryFault(
        `It was put back, but ${file} has not arrived in the repository: is the WAL archived? The old telemetry ` +
          `database is kept for a day. This undoes it:\n  npx bulkhead org restore ${orgId} --to ${before}`,
      );
    }
    await delay(pollMs);
  }
}
