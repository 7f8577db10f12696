import { appendAudit } from '../audit/append-audit.js';
import { mayAct } from '../auth/authorize.js';
import { type OrgTransaction, withOrg } from '../db/with-org.js';
import type { RequestContext } from './request-context.js';

/** What a change answers to its resolver, and what the audit log is to know of it. */
export interface Change<T> {
  readonly value: T;
  /** Canonical path of the changed resource. */
  readonly resource: string;
  /** What was there before, for updates and deletes. */
  readonly before?: unknown;
}

/**
 * Runs one mutation: the change and its audit entry in one transaction. Refused attempts are recorded by
 * `recordRefusals`, which sees also what never gets here.
 * @param action name of the mutation
 * @param input its input, as the audit log keeps it: without secrets
 */
export async function mutate<T>(
  context: RequestContext,
  action: string,
  input: unknown,
  work: (tx: OrgTransaction) => Promise<Change<T>>,
): Promise<T> {
  const value = await withOrg(context.operational, context.identity, 'write', async (tx) => {
    const change = await work(tx);
    await appendAudit(tx, {
      action,
      resource: change.resource,
      outcome: 'SUCCEEDED',
      change: change.before === undefined ? { input } : { input, before: change.before },
    });
    return change.value;
  });
  context.loaders.clear();
  return value;
}

/** The row of a payload, or null where the key may write it but not read it. */
export function ifReadable<Row>(context: RequestContext, path: string, row: Row): Row | null {
  return mayAct(context.identity, 'read', path) ? row : null;
}
