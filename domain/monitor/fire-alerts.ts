import { and, eq, inArray } from 'drizzle-orm';
import { type AlertEventRow, monitorAlertIntegrations } from '../../db/tables/monitors.js';
import { integrations } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { enqueueDelivery, isDeliverable, maxPendingDeliveries } from '../integration/enqueue-delivery.js';

/**
 * Puts an event for every alert that tripped or recovered on its way to the integrations of the alert, in the transaction
 * that records it; at most as many a tick as may wait, since more would fail. Integrations that nothing is delivered to are
 * passed over.
 */
export async function fireAlerts(
  tx: OrgTransaction,
  monitor: { readonly id: string; readonly name: string },
  { tripped, recovered }: { readonly tripped: readonly AlertEventRow[]; readonly recovered: readonly AlertEventRow[] },
): Promise<void> {
  const events = [
    ...tripped.map((event) => ({ event, eventType: 'alert.tripped' })),
    ...recovered.map((event) => ({ event, eventType: 'alert.recovered' })),
  ];
  if (events.length === 0) return;
  const alertIds = [...new Set(events.map(({ event }) => event.alertId))];
  const attached = await tx.db
    .select({ alertId: monitorAlertIntegrations.alertId, integration: integrations })
    .from(monitorAlertIntegrations)
    .innerJoin(
      integrations,
      and(
        eq(integrations.orgId, monitorAlertIntegrations.orgId),
        eq(integrations.id, monitorAlertIntegrations.integrationId),
      ),
    )
    .where(
      and(
        eq(monitorAlertIntegrations.orgId, tx.orgId),
        eq(monitorAlertIntegrations.monitorId, monitor.id),
        inArray(monitorAlertIntegrations.alertId, alertIds),
      ),
    );
  let sent = 0;
  for (const { event, eventType } of events) {
    const payload = payloadOf(monitor, event);
    for (const { alertId, integration } of attached) {
      if (alertId !== event.alertId || !isDeliverable(integration)) continue;
      if (sent >= maxPendingDeliveries) return;
      sent += 1;
      await enqueueDelivery(tx, { integrationId: integration.id, eventType, payload });
    }
  }
}

function payloadOf(monitor: { readonly id: string; readonly name: string }, event: AlertEventRow) {
  const { id, alertId, alertName, thingId, placeId, operand, aggregation, operator, threshold, value } = event;
  return {
    ...{ eventId: id, monitorId: monitor.id, monitorName: monitor.name, alertId, alertName, thingId, placeId },
    ...{ operand, aggregation, operator, threshold, value },
    trippedAt: event.trippedAt.toISOString(),
    clearedAt: event.clearedAt?.toISOString() ?? null,
  };
}
