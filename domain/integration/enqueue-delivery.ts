import { deliveries } from '../../db/tables/integration-records.js';
import type { IntegrationRow } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { maxPayloadBytes, payloadOf } from '../../integrations/egress/payload.js';
import { newId } from '../input/id.js';
import { requireText } from '../input/text.js';
import { getIntegration } from './get-integration.js';

/** An event that is to be delivered. */
export interface NewDelivery {
  readonly integrationId: string;
  /** Kind of event, 1–100 characters, e.g. `alert.tripped`. */
  readonly eventType: string;
  /** Any JSON value: `data` of the event. */
  readonly payload: unknown;
  /** Whether it is a test, which is tried once. */
  readonly isTest?: boolean;
}

/** Deliveries of an organization that wait at a time. */
export const maxPendingDeliveries = 1000;

/**
 * Puts an event on its way, in the transaction of what has happened, and answers the id of the delivery, by which the
 * receiver knows repetitions. The worker sends it after the commit. What cannot be sent is in the log all the same, as
 * FAILED: INTEGRATION_DISABLED, QUEUE_FULL at 1,000 waiting deliveries of the organization, PAYLOAD_TOO_LARGE above
 * 20,000 bytes.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN without `write` on the integration, BAD_USER_INPUT for one that nothing is
 * delivered to
 */
export async function enqueueDelivery(tx: OrgTransaction, delivery: NewDelivery): Promise<string> {
  const integration = await getIntegration(tx, delivery.integrationId);
  if (!isDeliverable(integration)) {
    throw invalidInput('integrationId', 'nothing is delivered to an integration of this type: see integrationCatalog');
  }
  const id = newId();
  const event = { type: delivery.eventType, timestamp: new Date().toISOString(), data: delivery.payload };
  const body = payloadOf(event, integration.properties['payload'] ?? []);
  const failure = await obstacle(tx, integration, body);
  const now = new Date();
  await tx.db.insert(deliveries).values({
    orgId: tx.orgId,
    id,
    type: integration.type,
    integrationId: integration.id,
    eventType: requireText('eventType', delivery.eventType, { max: 100 }),
    isTest: delivery.isTest ?? false,
    createdBy: tx.identity.actor.id,
    ...(failure === undefined
      ? { status: 'PENDING', body, dueAt: now }
      : { status: 'FAILED', failure, finishedAt: now }),
  });
  return id;
}

/** Whether events can be delivered to an integration, enabled or not. */
export function isDeliverable({ direction, type }: Pick<IntegrationRow, 'direction' | 'type'>): boolean {
  return direction === 'EGRESS' && type === 'WEBHOOK';
}

async function obstacle(tx: OrgTransaction, integration: IntegrationRow, body: string): Promise<string | undefined> {
  if (!integration.isEnabled) return 'INTEGRATION_DISABLED';
  if (Buffer.byteLength(body) >= maxPayloadBytes) return 'PAYLOAD_TOO_LARGE';
  const [pending] = await tx.sql<{ count: string }[]>`select app.pending_deliveries() as count`;
  return Number(pending?.count) >= maxPendingDeliveries ? 'QUEUE_FULL' : undefined;
}
