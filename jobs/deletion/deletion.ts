import { randomUUID } from 'node:crypto';
import { systemIdentity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import type { DeletionStep } from '../../domain/organization/deletion-step.js';
import type { TaskContext } from '../task.js';

/** Name of the part of the system that deletes organizations: the functions of the database know it by this name. */
export const deletionPart = 'deletion';

/** A deletion that is not done. */
export interface Deletion {
  readonly orgId: string;
  /** Moments in UTC, ISO 8601. */
  readonly requestedAt: string;
  readonly requestedByType: string;
  readonly requestedById: string;
  /** Name of the telemetry database, and of its role. */
  readonly databaseName: string;
  /** What is to be done next. */
  readonly step: DeletionStep;
  readonly removed: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly verifiedAt: string | null;
}

/** Does one step. It may have been done before, in part or whole, and interrupted anywhere. */
export type RunStep = (context: TaskContext, deletion: Deletion) => Promise<void>;

/** The deletion of an organization that is under way; undefined if there is none. */
export async function deletionUnderWay({ operational }: TaskContext, orgId: string): Promise<Deletion | undefined> {
  const rows = await inDeletion(
    operational,
    orgId,
    (tx) => tx.sql<Deletion[]>`
      select ${orgId} as "orgId", to_char(requested_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "requestedAt",
             requested_by_type as "requestedByType", requested_by_id as "requestedById", database_name as "databaseName",
             step, removed, to_char(verified_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "verifiedAt"
      from platform.deletion_under_way()`,
  );
  return rows[0];
}

/** Runs `work` in a transaction of the deletion itself, which alone may write for an organization that is being deleted. */
export function inDeletion<T>(database: Database, orgId: string, work: (tx: OrgTransaction) => Promise<T>): Promise<T> {
  return withOrg(database, systemIdentity(orgId, deletionPart, randomUUID()), 'write', work);
}

/** Notes what a step has removed, for the certificate, in the transaction of the removal where there is one. */
export async function noteRemoved(tx: OrgTransaction, step: DeletionStep, name: string, amount: number): Promise<void> {
  if (amount > 0) await tx.sql`select platform.note_removed(${step}, ${name}, ${amount}::bigint)`;
}

/** Goes on to another step. */
export async function goOn({ operational }: TaskContext, { orgId, step }: Deletion, next: DeletionStep): Promise<void> {
  await inDeletion(operational, orgId, async (tx) => {
    await tx.sql`select platform.go_on_with_deletion(${step}, ${next})`;
  });
}
