import { arrayLiteral } from '../../db/array-literal.js';
import { LastStatements, type OrgTransaction } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import type { LiveKind } from './live-kind.js';

/** Subscriptions of an organization at most, at all gateways together. */
export const maxSubscriptions = 20;

/** What a subscription watches; leased by the gateway that serves it, for 15 s at a time. */
export interface LiveLease {
  readonly id: string;
  readonly kind: LiveKind;
  /** Id of what is watched, `*` for everything of the kind. */
  readonly topic: string;
}

/**
 * Leases a subscription, or prolongs its lease.
 * @throws BulkheadError LIMIT_EXCEEDED if the organization has as many as it may
 */
export async function leaseLive(tx: OrgTransaction, { id, kind, topic }: LiveLease): Promise<void> {
  const [row] = await tx.sql<{ is_leased: boolean }[]>`
    select platform.lease_live(${id}, ${kind}, ${topic}, ${maxSubscriptions}) as is_leased`;
  if (row?.is_leased === true) return;
  throw new BulkheadError(
    'LIMIT_EXCEEDED',
    `The organization has ${maxSubscriptions} subscriptions, the most it may have`,
  );
}

/** Prolongs leases; answers the ids of those that are still there. */
export async function prolongLive(tx: OrgTransaction, ids: readonly string[]): Promise<LastStatements<string[]>> {
  return new LastStatements(
    tx.sql<{ id: string }[]>`select id from platform.prolong_live(${arrayLiteral(ids)}::uuid[]) as id`
      .execute()
      .then((rows) => rows.map(({ id }) => id)),
  );
}

/** Ends leases. */
export async function releaseLive(tx: OrgTransaction, ids: readonly string[]): Promise<LastStatements<undefined>> {
  return new LastStatements(
    tx.sql`select platform.release_live(${arrayLiteral(ids)}::uuid[])`.execute().then(() => undefined),
  );
}
