import { and, eq } from 'drizzle-orm';
import { appendAudit } from '../../audit/append-audit.js';
import type { Identity } from '../../auth/identity.js';
import { integrationPath } from '../../auth/scopes/resource-path.js';
import { deliveries } from '../../db/tables/integration-records.js';
import { type IntegrationRow, integrations } from '../../db/tables/things.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import { delayBeforeNext } from '../../integrations/egress/attempts.js';
import { publicOnly } from '../../integrations/egress/egress-policy.js';
import { postWebhook } from '../../integrations/egress/post-webhook.js';
import { signingKey } from '../../integrations/webhooks/signing-key.js';
import { signedHeaders } from '../../integrations/webhooks/standard-webhooks.js';
import { traced } from '../../tracing/traced.js';
import type { JobContext } from '../job-context.js';
import { withSigningSecrets } from './signing-secrets.js';
import type { WorkItem } from './work-item.js';

type Delivery = typeof deliveries.$inferSelect;

/** What came of an attempt: nothing of the answer but its status. */
interface Attempt {
  readonly httpStatus: number | null;
  /** Null when it was delivered. */
  readonly failure: string | null;
  /** No attempt was made, or none is to follow. */
  readonly isFinal: boolean;
}

/**
 * Makes one attempt of a delivery and notes what came of it. A worker that is killed in between has not noted it: the
 * attempt is made again, under the same id.
 */
export async function deliver(
  context: JobContext,
  identity: Identity,
  { id }: WorkItem,
  signal: AbortSignal,
): Promise<void> {
  const found = await withOrg(context.operational, identity, 'read', (tx) => pending(tx, id));
  if (found === undefined) return;
  const { delivery, integration } = found;
  const attempt = integration.isEnabled
    ? await traced('delivery', { attempt: delivery.attempts + 1 }, async (span) => {
        const made = await attemptDelivery(context, identity, delivery, integration, signal);
        span.note({ outcome: made.failure ?? 'DELIVERED' });
        return made;
      })
    : { httpStatus: null, failure: 'INTEGRATION_DISABLED', isFinal: true };
  context.metrics.count('bulkhead_delivery_attempts_total', { outcome: attempt.failure ?? 'DELIVERED' });
  await withOrg(context.operational, identity, 'write', (tx) => settle(tx, delivery, integration, attempt));
}

async function pending(
  tx: OrgTransaction,
  id: string,
): Promise<{ delivery: Delivery; integration: IntegrationRow } | undefined> {
  const [row] = await tx.db
    .select({ delivery: deliveries, integration: integrations })
    .from(deliveries)
    .innerJoin(
      integrations,
      and(eq(integrations.orgId, deliveries.orgId), eq(integrations.id, deliveries.integrationId)),
    )
    .where(and(eq(deliveries.orgId, tx.orgId), eq(deliveries.id, id), eq(deliveries.status, 'PENDING')));
  return row;
}

async function attemptDelivery(
  context: JobContext,
  identity: Identity,
  delivery: Delivery,
  { id, properties }: IntegrationRow,
  signal: AbortSignal,
): Promise<Attempt> {
  const [address = ''] = properties['url'] ?? [];
  if (!URL.canParse(address)) return { httpStatus: null, failure: 'ADDRESS_REFUSED', isFinal: false };
  const body = delivery.body ?? '';
  const headers = await withSigningSecrets(context, identity, id, async (secrets) => {
    const keys = secrets.map((secret) => signingKey(secret.toString('utf8')));
    if (keys.length === 0) return 'SECRET_MISSING';
    if (!keys.every((key) => key !== undefined)) return 'SECRET_UNUSABLE';
    const signed = signedHeaders(delivery.id, Date.now(), body, keys);
    for (const key of keys) key.fill(0);
    return signed;
  });
  if (typeof headers === 'string') return { httpStatus: null, failure: headers, isFinal: false };
  const policy = context.configuration.egress ?? publicOnly;
  const outcome = await postWebhook(policy, { url: new URL(address), headers, body }, signal);
  if ('fault' in outcome) return { httpStatus: null, failure: outcome.fault, isFinal: false };
  const failure = failureOf(outcome.status);
  return { httpStatus: outcome.status, failure, isFinal: failure === 'GONE' };
}

function failureOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status === 410) return 'GONE';
  return status >= 300 && status < 400 ? 'REDIRECTED' : 'STATUS';
}

async function settle(
  tx: OrgTransaction,
  { id, attempts, isTest }: Delivery,
  integration: IntegrationRow,
  { httpStatus, failure, isFinal }: Attempt,
): Promise<void> {
  const made = failure === 'INTEGRATION_DISABLED' ? attempts : attempts + 1;
  const delayMs = failure === null || isFinal || isTest ? undefined : delayBeforeNext(made, Math.random());
  const now = new Date();
  const settled = await tx.db
    .update(deliveries)
    .set({
      attempts: made,
      httpStatus,
      failure,
      ...(made > attempts ? { lastAttemptAt: now } : {}),
      ...(delayMs === undefined
        ? { status: failure === null ? 'DELIVERED' : 'FAILED', body: null, dueAt: null, finishedAt: now }
        : { dueAt: new Date(now.getTime() + delayMs) }),
    })
    .where(and(eq(deliveries.orgId, tx.orgId), eq(deliveries.id, id), eq(deliveries.status, 'PENDING')))
    .returning({ id: deliveries.id });
  if (settled.length > 0 && failure === 'GONE') await disable(tx, integration, id);
}

/** The receiver has said that it wants nothing more (410). */
async function disable(tx: OrgTransaction, { id, direction, type }: IntegrationRow, deliveryId: string): Promise<void> {
  const disabled = await tx.db
    .update(integrations)
    .set({ isEnabled: false, updatedAt: new Date(), updatedBy: tx.identity.actor.id })
    .where(and(eq(integrations.orgId, tx.orgId), eq(integrations.id, id), eq(integrations.isEnabled, true)))
    .returning({ id: integrations.id });
  if (disabled.length === 0) return;
  await appendAudit(tx, {
    action: 'setIntegrationEnabled',
    resource: integrationPath(direction, type, id),
    outcome: 'SUCCEEDED',
    change: { input: { id, isEnabled: false, reason: 'the receiver answered 410', deliveryId } },
  });
}
