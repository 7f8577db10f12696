import { setTimeout as delay } from 'node:timers/promises';
import { requireAction } from '../../auth/authorize.js';
import type { Identity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import type { DeliveryRow } from '../../db/tables/integration-records.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import { enqueueDelivery } from './enqueue-delivery.js';
import { getDelivery } from './get-delivery.js';
import { getIntegration } from './get-integration.js';
import { pathOfIntegration } from './path-of-integration.js';

/** Milliseconds for which a test waits for its outcome, and between two looks. */
const patienceMs = 5_000;
const lookEveryMs = 50;

/** Type of the event that a test sends. */
export const testEventType = 'bulkhead.test';

/** A test on its way. */
export interface TestSend {
  /** Id of its delivery. */
  readonly id: string;
  /** Canonical path of the integration. */
  readonly resource: string;
}

/**
 * Sends a test event the way that every event goes, once.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN without `write` on the integration, BAD_USER_INPUT for one that nothing is
 * delivered to
 */
export async function testSend(tx: OrgTransaction, integrationId: string): Promise<TestSend> {
  const integration = await getIntegration(tx, integrationId);
  const resource = pathOfIntegration(integration);
  requireAction(tx.identity, 'write', resource, 'integration');
  const payload = { integrationId: integration.id, message: 'This is a test.' };
  const id = await enqueueDelivery(tx, { integrationId, eventType: testEventType, payload, isTest: true });
  return { id, resource };
}

/** The delivery when its attempt was made, or as it is after 5 s. */
export async function outcomeOf(database: Database, identity: Identity, id: string): Promise<DeliveryRow> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const delivery = await withOrg(database, identity, 'write', (tx) => getDelivery(tx, id));
    if (delivery.status !== 'PENDING' || Date.now() > deadline) return delivery;
    await delay(lookEveryMs);
  }
}
