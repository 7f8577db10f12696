import type { IdempotencyReference } from '../../auth/idempotency-claim.js';
import type { Identity } from '../../auth/identity.js';
import type { OrgTransaction } from '../../db/with-org.js';

/**
 * Marks the effect of a request with an Idempotency-Key as done, in the transaction of the effect; sent when this is
 * called. Nothing for other requests.
 * @throws BulkheadError IDEMPOTENCY_KEY_IN_USE where another request has taken the key over; the effect is rolled back
 */
export async function finishKey({ identity, sql }: OrgTransaction, reference: IdempotencyReference): Promise<void> {
  const { claim } = identity.fate;
  if (claim === undefined) return;
  await sql`select app.finish_idempotency_key(${claim.key}, ${JSON.stringify(reference)})`.execute();
}

/** To be called after the commit of a transaction that has finished the key of its request. */
export function noteFinished({ fate }: Identity, reference: IdempotencyReference): void {
  const { claim } = fate;
  if (claim === undefined) return;
  claim.state = 'DONE';
  claim.reference = reference;
}
