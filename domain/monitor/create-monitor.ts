import { eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { monitorPath } from '../../auth/scopes/resource-path.js';
import { monitors } from '../../db/tables/monitors.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { newId } from '../input/id.js';
import { requireText } from '../input/text.js';
import type { MonitorAlertInput } from './monitor-alerts.js';
import type { MonitorMetricInput } from './monitor-operands.js';
import { replaceRule, requireRule } from './monitor-rule.js';
import type { MonitorSpan } from './monitor-span.js';
import type { MonitorTarget } from './monitor-target.js';
import { nextTick } from './next-tick.js';

/** A new monitor. */
export interface NewMonitor {
  /** 1–80 characters. */
  readonly name: string;
  readonly target: MonitorTarget;
  readonly frequency: MonitorSpan;
  readonly lookback: MonitorSpan;
  readonly metrics: readonly MonitorMetricInput[];
  readonly variables?: readonly { readonly name: string; readonly expression: string }[] | null | undefined;
  readonly alerts: readonly MonitorAlertInput[];
  readonly isEnabled?: boolean | null | undefined;
}

/** Monitors of one organization at most: each is work for the worker at every tick. */
const maxMonitors = 500;

/**
 * Creates a monitor and answers its id; its first tick is the next one of its frequency.
 * @throws BulkheadError FORBIDDEN without `write MONITOR/#` or `read` on what it watches and `write` on what it fires, BAD_USER_INPUT,
 * LIMIT_EXCEEDED at 500 monitors
 */
export async function createMonitor(tx: OrgTransaction, input: NewMonitor): Promise<string> {
  requireAction(tx.identity, 'write', monitorPath('#'), 'monitor');
  const name = requireText('input.name', input.name, { max: 80 });
  const rule = await requireRule(tx, { ...input, variables: input.variables ?? [] }, new Set());
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(${`bulkhead:monitors:${tx.orgId}`}, 0))`;
  if ((await tx.db.$count(monitors, eq(monitors.orgId, tx.orgId))) >= maxMonitors) {
    throw new BulkheadError('LIMIT_EXCEEDED', `The organization has ${maxMonitors} monitors`);
  }
  const id = newId();
  await tx.db.insert(monitors).values({
    orgId: tx.orgId,
    id,
    name,
    ...rule.columns,
    isEnabled: input.isEnabled ?? true,
    nextEvaluationAt: nextTick(rule.columns.frequencyMinutes),
    createdBy: tx.identity.actor.id,
  });
  await replaceRule(tx, id, rule);
  return id;
}
