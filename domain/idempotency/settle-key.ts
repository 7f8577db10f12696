import type { IdempotencyClaim } from '../../auth/idempotency-claim.js';
import type { Identity } from '../../auth/identity.js';
import { LastStatements, withOrg } from '../../db/with-org.js';

/**
 * Ends the running of a request and keeps its answer, in one round trip. A request that has claimed nothing so far does it
 * here: it had no effect, and its answer is to be the same when it is sent again.
 * @param answer encrypted; undefined for one that is not to be kept: a request that is done is then answered from its
 * reference, and one that is not may be sent again at once
 * @throws BulkheadError IDEMPOTENCY_KEY_IN_USE, IDEMPOTENCY_KEY_REUSED for a request that had claimed nothing; UNAVAILABLE,
 * with the state `ANSWERED`, where another one like it was done
 */
export async function settleKey(
  identity: Identity,
  claim: IdempotencyClaim,
  answer: Buffer | undefined,
): Promise<void> {
  if (claim.state === 'REFUSED') claim.state = 'OPEN';
  const bytes = answer?.toString('hex') ?? null;
  await withOrg(
    claim.database,
    identity,
    'write',
    async (tx) =>
      new LastStatements(
        tx.sql`select app.settle_idempotency_key(${claim.key}, decode(${bytes}, 'hex'))`
          .execute()
          .then(() => undefined),
      ),
  );
}
