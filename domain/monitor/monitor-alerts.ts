import { and, eq, inArray } from 'drizzle-orm';
import { validate } from 'uuid';
import { mayAct } from '../../auth/authorize.js';
import type { MonitorAlertRow } from '../../db/tables/monitors.js';
import { integrations } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { forbidden, invalidInput } from '../../errors/bulkhead-error.js';
import { newDefinitionId } from '../input/id.js';
import { requireText } from '../input/text.js';
import { pathOfIntegration } from '../integration/path-of-integration.js';
import type { Operands } from './monitor-operands.js';

/** An alert of a monitor: a condition, and what fires when it holds. */
export interface MonitorAlertInput {
  /** Id of an alert that stays; absent for a new one. */
  readonly id?: string | null | undefined;
  readonly name: string;
  readonly operand: string;
  readonly aggregation: MonitorAlertRow['aggregation'];
  readonly operator: MonitorAlertRow['operator'];
  readonly threshold: number;
  readonly forTicks?: number | null | undefined;
  readonly integrationIds?: readonly string[] | null | undefined;
}

/** A checked alert. */
export type CheckedAlert = Omit<MonitorAlertRow, 'orgId' | 'monitorId' | 'ordinal'> & {
  readonly integrationIds: readonly string[];
};

/** Alerts of one monitor at most. */
const maxAlerts = 20;
/** Integrations that one alert fires at most. */
const maxIntegrations = 10;

/**
 * The alerts of a monitor.
 * @param kept ids of alerts that the monitor has
 * @throws BulkheadError BAD_USER_INPUT, FORBIDDEN for an integration that the actor may not write
 */
export async function requireAlerts(
  tx: OrgTransaction,
  input: readonly MonitorAlertInput[],
  operands: Operands,
  kept: ReadonlySet<string>,
): Promise<CheckedAlert[]> {
  if (input.length > maxAlerts) throw invalidInput('input.alerts', `must have at most ${maxAlerts} entries`);
  const alerts: CheckedAlert[] = [];
  for (const [index, each] of input.entries()) {
    const field = `input.alerts[${index}]`;
    const { operand, aggregation, operator, threshold } = each;
    if (!Object.hasOwn(operands, operand)) throw invalidInput(`${field}.operand`, 'names no metric and no variable');
    const forTicks = each.forTicks ?? 1;
    if (forTicks < 1 || forTicks > 100) throw invalidInput(`${field}.forTicks`, 'must be between 1 and 100');
    const id = each.id ?? newDefinitionId('alt');
    if (each.id != null && !kept.has(id)) throw invalidInput(`${field}.id`, 'is no alert of the monitor');
    if (alerts.some((other) => other.id === id)) throw invalidInput(`${field}.id`, 'repeats an earlier entry');
    alerts.push({
      id,
      name: requireText(`${field}.name`, each.name, { max: 80 }),
      operand,
      aggregation,
      operator,
      threshold,
      forTicks,
      integrationIds: await requireEgress(tx, each.integrationIds ?? [], `${field}.integrationIds`),
    });
  }
  return alerts;
}

/** Whoever makes an alert makes its integrations speak, which needs what a test of them needs. */
async function requireEgress(tx: OrgTransaction, input: readonly string[], field: string): Promise<string[]> {
  if (input.length > maxIntegrations) throw invalidInput(field, `must have at most ${maxIntegrations} entries`);
  const ids = [...new Set(input.map((id) => id.toLowerCase()))];
  const possible = ids.filter((id) => validate(id));
  if (ids.length === 0) return [];
  const rows = await tx.db
    .select()
    .from(integrations)
    .where(and(eq(integrations.orgId, tx.orgId), inArray(integrations.id, possible)));
  for (const [index, id] of ids.entries()) {
    const integration = rows.find((row) => row.id === id);
    if (integration?.direction !== 'EGRESS') throw invalidInput(`${field}[${index}]`, 'is not an EGRESS integration');
    if (!mayAct(tx.identity, 'write', pathOfIntegration(integration))) throw forbidden('write', 'integration');
  }
  return ids;
}
