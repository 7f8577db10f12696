import { randomUUID } from 'node:crypto';
import { appendAudit } from '../audit/append-audit.js';
import { systemIdentity } from '../auth/identity.js';
import { organizationPath } from '../auth/scopes/resource-path.js';
import { type OrgTransaction, withOrg } from '../db/with-org.js';
import { type RemovedReadings, removeExpired } from '../telemetry/retention.js';
import { connectAsProvisioner, type ProvisionerConnection } from '../telemetry/with-provisioner.js';
import { auditedTask } from './job-audit.js';
import type { TelemetryJobContext } from './job-context.js';
import { planRetention, type RetentionPlan } from './retention-plan.js';
import { telemetryDatabaseOf } from './telemetry-organizations.js';

const part = 'retention';
const action = 'removeExpiredTelemetry';

/** What a run did for one organization. */
export interface RetentionOutcome {
  readonly plan: RetentionPlan;
  /** Whether nothing was removed for the refusal of the plan. */
  readonly isRefused: boolean;
  /** Absent where nothing was to be removed. */
  readonly removed?: RemovedReadings;
}

/** What the next run would do for an organization. */
export function plannedRetention(context: TelemetryJobContext, orgId: string): Promise<RetentionPlan> {
  return withOwner(context, orgId, (owner) => planRetention(context, orgId, owner));
}

/**
 * Removes what has expired of one organization by its own retention, between two entries of its audit log; no entry where
 * nothing has expired. A removal that cannot be meant is refused whole and noted, see `planRetention`.
 * @param isConfirmed the operator has seen the plan: neither the clock nor the number of readings refuses
 */
export function cleanTelemetry(
  context: TelemetryJobContext,
  orgId: string,
  { isConfirmed }: { readonly isConfirmed: boolean },
): Promise<RetentionOutcome> {
  return withOwner(context, orgId, (owner) => clean(context, orgId, owner, isConfirmed));
}

async function withOwner<T>(
  context: TelemetryJobContext,
  orgId: string,
  work: (owner: ProvisionerConnection) => Promise<T>,
): Promise<T> {
  const database = await telemetryDatabaseOf(context, orgId, part);
  const owner = connectAsProvisioner(context.configuration.provisionerUrl, database);
  try {
    return await work(owner);
  } finally {
    await owner.end({ timeout: 5 });
  }
}

async function clean(
  context: TelemetryJobContext,
  orgId: string,
  owner: ProvisionerConnection,
  isConfirmed: boolean,
): Promise<RetentionOutcome> {
  const plan = await planRetention(context, orgId, owner);
  if (plan.refusal !== null && !isConfirmed) {
    await refuse(context, plan, plan.refusal);
    return { plan, isRefused: true };
  }
  const { retentionDays, cutoffMs, readings, weeks, latest, isInterrupted } = plan;
  if (readings + weeks + latest === 0 && !isInterrupted) {
    const identity = systemIdentity(orgId, part, randomUUID());
    await withOrg(context.operational, identity, 'write', (tx) => noteRun(tx, plan));
    return { plan, isRefused: false };
  }
  if (plan.refusal !== null) await noteConfirmation(context, plan);
  const removed = await auditedTask(context, {
    orgId,
    part,
    action,
    intent: {
      ...{ retentionDays, before: new Date(cutoffMs).toISOString(), readings, weeks, latest },
      ...(plan.refusal === null ? {} : { confirmedDespite: plan.refusal }),
    },
    effect: () => removeExpired(owner, cutoffMs, retentionDays),
    onSuccess: (tx) => noteRun(tx, plan),
  });
  context.log.info({ orgId, retentionDays, ...removed }, 'expired telemetry was removed');
  return { plan, isRefused: false, removed };
}

async function noteRun(tx: OrgTransaction, { nowMs, cutoffMs, retentionDays }: RetentionPlan): Promise<void> {
  const [seen, cutoff] = [new Date(nowMs).toISOString(), new Date(cutoffMs).toISOString()];
  await tx.sql`
    insert into app.retention_states as s (org_id, seen_at, cutoff, days)
    values (${tx.orgId}, ${seen}::timestamptz, ${cutoff}::timestamptz, ${retentionDays})
    on conflict (org_id) do update set seen_at = excluded.seen_at, cutoff = excluded.cutoff, days = excluded.days,
      refusal = null, refused_at = null`;
}

/** Before anything is removed: a run that is interrupted is finished by the next one, which nobody confirms. */
async function noteConfirmation(
  context: TelemetryJobContext,
  { orgId, nowMs, cutoffMs }: RetentionPlan,
): Promise<void> {
  const [seen, cutoff] = [new Date(nowMs).toISOString(), new Date(cutoffMs).toISOString()];
  await withOrg(context.operational, systemIdentity(orgId, part, randomUUID()), 'write', async (tx) => {
    await tx.sql`
      insert into app.retention_states (org_id, seen_at, confirmed_before)
      values (${orgId}, ${seen}::timestamptz, ${cutoff}::timestamptz)
      on conflict (org_id) do update set seen_at = excluded.seen_at, confirmed_before = excluded.confirmed_before`;
  });
}

/** Notes that nothing was removed, and why. The audit log gets one entry for a refusal that is repeated every hour. */
async function refuse(
  context: TelemetryJobContext,
  plan: RetentionPlan,
  { code, reason }: NonNullable<RetentionPlan['refusal']>,
): Promise<void> {
  const { orgId, retentionDays, cutoffMs, readings, nowMs } = plan;
  const before = new Date(cutoffMs).toISOString();
  // A clock that is not believed is not noted either: the next run has to find it as wrong as this one.
  const seen = code === 'TOO_MANY' ? new Date(nowMs).toISOString() : null;
  const identity = systemIdentity(orgId, part, randomUUID());
  await withOrg(context.operational, identity, 'write', async (tx) => {
    await tx.sql`
      insert into app.retention_states as s (org_id, seen_at, refusal, refused_at)
      values (${orgId}, ${seen}::timestamptz, ${code}, clock_timestamp())
      on conflict (org_id) do update set seen_at = coalesce(excluded.seen_at, s.seen_at), refusal = excluded.refusal,
        refused_at = case when s.refusal = excluded.refusal then s.refused_at else excluded.refused_at end`;
    if (plan.lastRefusal === code) return;
    const change = { retentionDays, before, readings, refusal: code, reason };
    await appendAudit(tx, { action, resource: organizationPath(orgId), outcome: 'REFUSED', change });
  });
  context.log.error(
    { orgId, retentionDays, before, readings, refusal: code, reason },
    'retention removes nothing until it is confirmed: see "npx bulkhead retention --help"',
  );
}
