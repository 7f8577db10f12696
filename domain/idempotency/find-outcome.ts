import { possibleScopes } from '../../auth/api-keys/stored-scopes.js';
import type { IdempotencyClaim, IdempotencyReference, IdempotentOutcome } from '../../auth/idempotency-claim.js';
import type { Identity } from '../../auth/identity.js';
import { isSubset } from '../../auth/scopes/is-subset.js';
import type { ScopeInput } from '../../auth/scopes/parse-scopes.js';
import { LastStatements, withOrg } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';

interface OutcomeRow {
  readonly scopes: readonly ScopeInput[];
  readonly reference: IdempotencyReference | null;
  readonly answer: Buffer | null;
}

/**
 * What the earlier request under a key has left, for the same API key. What that might do then, it must still be allowed
 * to do: the answer shows what it saw with all of its scopes.
 * @throws BulkheadError FORBIDDEN where it has lost a scope since; UNAVAILABLE where the record expired this moment
 */
export async function findOutcome(identity: Identity, claim: IdempotencyClaim): Promise<IdempotentOutcome> {
  const [row] = await withOrg(
    claim.database,
    identity,
    'read',
    async (tx) =>
      new LastStatements(
        tx.sql<OutcomeRow[]>`select scopes, reference, answer from app.idempotent_outcome(${claim.key})`.execute(),
      ),
  );
  if (row === undefined) throw new BulkheadError('UNAVAILABLE', 'The Idempotency-Key expired this moment');
  if (!isSubset(possibleScopes(row.scopes), identity.scopes)) {
    throw new BulkheadError('FORBIDDEN', 'The key may do less than when the request was answered first');
  }
  return { reference: row.reference ?? undefined, answer: row.answer ?? undefined };
}
