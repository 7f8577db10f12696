import { randomUUID } from 'node:crypto';
import { systemIdentity } from '../auth/identity.js';
import { withOrg } from '../db/with-org.js';
import { type ExpiredReadings, expiredReadings, unexpectedRemoval } from '../telemetry/expired-readings.js';
import type { ProvisionerConnection } from '../telemetry/with-provisioner.js';
import type { TelemetryJobContext } from './job-context.js';

const dayMs = 86_400_000;

/** A clock that is further ahead of the last run has jumped, or nobody was there to see that it has not: 7 days. */
const longestGapMs = 7 * dayMs;

/** A clock that is further behind the last run has been set back: 5 minutes. */
const backwardToleranceMs = 300_000;

/** What expires so soon after a confirmation is confirmed too, since the run comes later: 6 hours. */
const confirmationReachMs = 6 * 3_600_000;

/** Percent of an organization's readings of which one run removes no more than this, unless it is expected. */
const largestUnexpectedPercent = 50;

/** Why a run removes nothing. */
export interface RetentionRefusal {
  readonly code: 'CLOCK_AHEAD' | 'CLOCK_BEHIND' | 'TOO_MANY';
  /** One sentence with the numbers. */
  readonly reason: string;
}

/** What a run of retention would do for one organization. */
export interface RetentionPlan extends ExpiredReadings {
  readonly orgId: string;
  readonly retentionDays: number;
  /** Epoch ms by the clock of the operational database, by which reads are cut off. */
  readonly nowMs: number;
  /** Epoch ms: what is before it goes. */
  readonly cutoffMs: number;
  /** Null where nothing keeps the run from removing. */
  readonly refusal: RetentionRefusal | null;
  /** The refusal of the run before, as it is noted. */
  readonly lastRefusal: RetentionRefusal['code'] | null;
}

interface RetentionState {
  readonly days: number;
  readonly nowMs: number;
  readonly cutoffMs: number;
  readonly seenMs: number | null;
  readonly lastDays: number | null;
  readonly lastCutoffMs: number | null;
  readonly confirmedBeforeMs: number | null;
  readonly lastRefusal: RetentionRefusal['code'] | null;
}

/**
 * Looks what retention would remove of one organization, and whether that can be meant. Nothing is changed.
 * @param owner a connection to the telemetry database of the organization as its owner
 */
export async function planRetention(
  context: TelemetryJobContext,
  orgId: string,
  owner: ProvisionerConnection,
): Promise<RetentionPlan> {
  const state = await readState(context, orgId);
  const { days: retentionDays, nowMs, cutoffMs, lastRefusal } = state;
  const found = await expiredReadings(owner, cutoffMs);
  const isNothing = found.readings + found.weeks + found.latest === 0;
  const refusal = clockRefusal(state) ?? (isNothing ? null : await amountRefusal(state, owner));
  return { orgId, retentionDays, nowMs, cutoffMs, ...found, refusal, lastRefusal };
}

async function readState(context: TelemetryJobContext, orgId: string): Promise<RetentionState> {
  const identity = systemIdentity(orgId, 'retention', randomUUID());
  const [state] = await withOrg(
    context.operational,
    identity,
    'read',
    (tx) => tx.sql<RetentionState[]>`
      select o.retention_days as days,
             floor(extract(epoch from c.now) * 1000)::float8 as "nowMs",
             floor(extract(epoch from c.now - make_interval(days => o.retention_days)) * 1000)::float8 as "cutoffMs",
             (extract(epoch from s.seen_at) * 1000)::float8 as "seenMs", s.days as "lastDays",
             (extract(epoch from s.cutoff) * 1000)::float8 as "lastCutoffMs",
             floor(extract(epoch from s.confirmed_before) * 1000)::float8 as "confirmedBeforeMs",
             s.refusal as "lastRefusal"
      from (select clock_timestamp() as now) c, app.organizations o
      left join app.retention_states s on s.org_id = o.org_id
      where o.org_id = ${orgId}`,
  );
  if (state === undefined) throw new Error('there is no such organization');
  return state;
}

function clockRefusal({ nowMs, seenMs }: RetentionState): RetentionRefusal | null {
  if (seenMs === null) return null;
  const seen = new Date(seenMs).toISOString();
  if (nowMs - seenMs > longestGapMs) {
    const days = Math.floor((nowMs - seenMs) / dayMs);
    return { code: 'CLOCK_AHEAD', reason: `the clock is ${days} days ahead of the last run, which was at ${seen}` };
  }
  if (seenMs - nowMs > backwardToleranceMs) {
    return { code: 'CLOCK_BEHIND', reason: `the clock is behind the last run, which was at ${seen}` };
  }
  return null;
}

/** What expired since the last run is what time does; more than that is somebody's mistake, unless it was confirmed. */
async function amountRefusal(state: RetentionState, owner: ProvisionerConnection): Promise<RetentionRefusal | null> {
  const { nowMs, cutoffMs, lastCutoffMs, lastDays, confirmedBeforeMs } = state;
  const since =
    lastCutoffMs === null || lastDays === null ? null : { fromMs: lastCutoffMs, toMs: nowMs - lastDays * dayMs };
  const confirmedToMs = confirmedBeforeMs === null ? null : confirmedBeforeMs + confirmationReachMs;
  const { readings, of } = await unexpectedRemoval(owner, cutoffMs, { confirmedBeforeMs: confirmedToMs, since });
  if (readings * 100 <= of * largestUnexpectedPercent) return null;
  return {
    code: 'TOO_MANY',
    reason:
      `${readings} of ${of} readings would go, more than ${largestUnexpectedPercent} %, ` +
      'and neither a confirmation nor the time since the last run explains it',
  };
}
