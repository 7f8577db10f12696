import { existsSync } from 'node:fs';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { leftDatabasesOf } from '../../telemetry/left-databases.js';
import { connectAsProvisioner } from '../../telemetry/with-provisioner.js';
import type { TaskContext } from '../task.js';
import { directoriesOf } from './delete-files.js';
import { type Deletion, goOn, inDeletion, type RunStep } from './deletion.js';

/** What was searched, and what is kept by design. */
export interface Findings {
  /** Tables in all databases. */
  readonly tables: number;
  readonly kept: Readonly<Record<string, { readonly rows: number; readonly reason: string }>>;
  /** What is left and must not be. */
  readonly left: readonly string[];
}

interface CountedTable {
  readonly name: string;
  readonly remaining: number;
  readonly kept: number;
}

/**
 * Searches all databases, the cluster and the directories for anything of the organization. If there is something, a
 * writer that was late for example, the deletion goes back to its rows and comes here again.
 * @throws BulkheadError CONFLICT that names what is left
 */
export const verifyNothingLeft: RunStep = async (context, deletion) => {
  const { left } = await searchEverywhere(context, deletion);
  if (left.length === 0) return;
  await goOn(context, deletion, 'JOBS');
  throw new BulkheadError('CONFLICT', `something of the organization is left, removed again: ${left.join(', ')}`);
};

/** Looks everywhere. */
export async function searchEverywhere(context: TaskContext, deletion: Deletion): Promise<Findings> {
  const { operational, vault, configuration } = context;
  const { orgId, databaseName } = deletion;
  const { tables, reasons, running } = await inDeletion(operational, orgId, async (tx) => ({
    tables: await tx.sql<CountedTable[]>`
      select name, remaining::int as remaining, kept::int as kept from (
        select * from platform.count_rows() union all select * from audit.count_rows()) counted`,
    reasons: await tx.sql<{ name: string; reason: string }[]>`select name, reason from platform.kept_by_deletion()`,
    running: await tx.sql<{ running: number }[]>`select platform.delete_jobs() as running`,
  }));
  const sealed = await inDeletion(
    vault,
    orgId,
    (tx) => tx.sql<CountedTable[]>`select name, remaining::int as remaining, 0 as kept from vault.count_rows()`,
  );
  const { provisionerUrl } = configuration;
  const inCluster = await clusterObjects(provisionerUrl, databaseName);
  if ((await leftDatabasesOf(provisionerUrl, orgId)).length > 0) inCluster.push('telemetry database of a restore');
  const files = Object.values(directoriesOf(configuration, orgId)).filter((directory) => existsSync(directory));
  const searched = [...tables, ...sealed];
  return {
    tables: searched.length,
    kept: Object.fromEntries(
      reasons.map(({ name, reason }) => [
        name,
        { rows: tables.find((table) => table.name === name)?.kept ?? 0, reason },
      ]),
    ),
    left: [
      ...searched.filter(({ remaining }) => remaining > 0).map(({ name }) => name),
      ...(running[0]?.running === 0 ? [] : ['jobs']),
      ...inCluster,
      ...files.map(() => 'files'),
    ],
  };
}

async function clusterObjects(provisionerUrl: string, name: string): Promise<string[]> {
  const sql = connectAsProvisioner(provisionerUrl);
  try {
    const rows = await sql<{ kind: string }[]>`
      select 'telemetry database' as kind from pg_database where datname = ${name}
      union all select 'telemetry role' from pg_roles where rolname = ${name}`;
    return rows.map(({ kind }) => kind);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
