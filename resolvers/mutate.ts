import { appendAudit } from '../audit/append-audit.js';
import { mayAct } from '../auth/authorize.js';
import type { IdempotencyReference } from '../auth/idempotency-claim.js';
import { LastStatements, type OrgTransaction, withOrg } from '../db/with-org.js';
import { finishKey, noteFinished } from '../domain/idempotency/finish-key.js';
import { type DeletedNoun, publishDeletion } from '../domain/live/publish-live.js';
import type { RequestContext } from './request-context.js';

/** What a change answers to its resolver, and what the audit log is to know of it. */
export interface Change<T> {
  /** May wait for the last statements of the change, which then travel with the audit entry and the commit. */
  readonly value: T | Promise<T>;
  /** Canonical path of the changed resource. */
  readonly resource: string;
  /** What was there before, for updates and deletes. */
  readonly before?: unknown;
  /** What was deleted, for subscribers. */
  readonly deleted?: { readonly noun: DeletedNoun; readonly id: string };
}

/**
 * Runs one mutation: the change, its audit entry and what is kept under its Idempotency-Key, in one transaction. Refused
 * attempts are recorded by `recordRefusals`, which sees also what never gets here.
 * @param action name of the mutation
 * @param input its input, as the audit log keeps it: without secrets
 */
export async function mutate<T>(
  context: RequestContext,
  action: string,
  input: unknown,
  work: (tx: OrgTransaction) => Promise<Change<T>>,
): Promise<T> {
  const { identity } = context;
  let reference: IdempotencyReference | undefined;
  const value = await withOrg(context.operational, identity, 'write', async (tx) => {
    const change = await work(tx);
    const appended = appendAudit(tx, {
      action,
      resource: change.resource,
      outcome: 'SUCCEEDED',
      change: change.before === undefined ? { input } : { input, before: change.before },
    });
    const { deleted } = change;
    const published = deleted && publishDeletion(tx, { ...deleted, path: change.resource });
    if (identity.fate.claim !== undefined) reference = referenceOf(change);
    const finished = reference && finishKey(tx, reference);
    return new LastStatements(Promise.all([change.value, appended, published, finished]).then(([value]) => value));
  });
  if (reference !== undefined) noteFinished(identity, reference);
  context.loaders.clear();
  return value;
}

/** The ids of a change, as far as they are known before its last statement is answered; nothing else that it answers. */
function referenceOf({ value, resource, before }: Change<unknown>): IdempotencyReference {
  const known = value instanceof Promise ? {} : value;
  const { id } = (before ?? {}) as { readonly id?: unknown };
  const fields = Object.entries({ id, ...(known as object | undefined) }).filter(
    (field): field is [string, string] => /^(id|[a-z]+Id)$/.test(field[0]) && typeof field[1] === 'string',
  );
  return { resource, fields: Object.fromEntries(fields) };
}

/**
 * What an update answers.
 * @param payload puts the row, or null where the key may not read it, into the payload of the mutation
 */
export function updated<Row, T>(
  context: RequestContext,
  resource: string,
  { before, after }: { readonly before: unknown; readonly after: Promise<Row> },
  payload: (row: Row | null) => T,
): Change<T> {
  return { value: after.then((row) => payload(ifReadable(context, resource, row))), resource, before };
}

/** The row of a payload, or null where the key may write it but not read it. */
export function ifReadable<Row>(context: RequestContext, path: string, row: Row): Row | null {
  return mayAct(context.identity, 'read', path) ? row : null;
}
