import { and, eq } from 'drizzle-orm';
import { type MonitorRow, monitors } from '../../db/tables/monitors.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { requireText } from '../input/text.js';
import { requireChanged } from '../require-changed.js';
import { clearFindings } from './clear-findings.js';
import { lockMonitor } from './lock-monitor.js';
import { type MonitorRuleInput, replaceRule, requireRule } from './monitor-rule.js';
import { nextTick } from './next-tick.js';
import { storedRule } from './stored-rule.js';

const ruleFields = ['target', 'frequency', 'lookback', 'metrics', 'variables', 'alerts'] as const;

/** Fields of a monitor to change: absent stays, lists are replaced. */
export type MonitorChange = { readonly id: string; readonly name?: string | null | undefined } & {
  readonly [Field in keyof MonitorRuleInput]?: MonitorRuleInput[Field] | null | undefined;
};

/** A monitor before a change, as the audit log keeps it. */
export type MonitorBefore = MonitorRow & { readonly rule: MonitorRuleInput };

/**
 * Changes a monitor and answers it before and after. A change of more than its name ends its open alerts, and what its
 * ticks have found so far is forgotten.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT
 */
export async function updateMonitor(
  tx: OrgTransaction,
  input: MonitorChange,
): Promise<{ before: MonitorBefore; after: MonitorRow }> {
  const row = await lockMonitor(tx, input.id);
  const stored = await storedRule(tx, row);
  const before = { ...row, rule: stored };
  const name = input.name === undefined ? {} : { name: requireText('input.name', input.name, { max: 80 }) };
  const changed = { ...name, updatedAt: new Date(), updatedBy: tx.identity.actor.id };
  const given = ruleFields.filter((field) => input[field] !== undefined);
  const isNull = given.find((field) => input[field] === null);
  if (isNull !== undefined) throw invalidInput(`input.${isNull}`, 'must not be null');
  if (given.length === 0) return { before, after: await write(tx, row.id, changed) };

  const wanted = { ...stored, ...Object.fromEntries(given.map((field) => [field, input[field]])) } as MonitorRuleInput;
  const rule = await requireRule(tx, wanted, new Set(stored.alerts.map(({ id }) => String(id))));
  await clearFindings(tx, row.id, 'MONITOR_CHANGED');
  await replaceRule(tx, row.id, rule);
  const columns = { ...rule.columns, nextEvaluationAt: nextTick(rule.columns.frequencyMinutes) };
  const unknown = { health: 'UNKNOWN', dataState: 'NO_DATA', failure: null } as const;
  return { before, after: await write(tx, row.id, { ...changed, ...columns, ...unknown }) };
}

async function write(
  tx: OrgTransaction,
  id: string,
  values: Parameters<ReturnType<OrgTransaction['db']['update']>['set']>[0],
): Promise<MonitorRow> {
  const rows = await tx.db
    .update(monitors)
    .set(values)
    .where(and(eq(monitors.orgId, tx.orgId), eq(monitors.id, id)))
    .returning();
  return requireChanged(rows, 'write', 'monitor');
}
