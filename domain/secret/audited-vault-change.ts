import { type AuditOutcome, appendAudit } from '../../audit/append-audit.js';
import { noteRecorded } from '../../audit/recorded-errors.js';
import type { IdempotencyReference } from '../../auth/idempotency-claim.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import type { ErrorCode } from '../../errors/error-codes.js';
import { finishKey, noteFinished } from '../idempotency/finish-key.js';
import type { SecretStores } from './secret-stores.js';

/** What the audit log keeps of a change in the vault: never a value. */
export interface VaultChange {
  /** Name of the mutation. */
  readonly action: string;
  /** Canonical path of the resource. */
  readonly resource: string;
  /** The input without the value, and what was there before. */
  readonly change: unknown;
}

/**
 * Records a change in the vault, which no transaction spans together with the audit log: INTENDED before it, SUCCEEDED or
 * FAILED after it. An INTENDED without an outcome means that the process ended, or the key was revoked, in between.
 * @param check decides whether the change may be tried, in the transaction of INTENDED; what it throws leaves no entry
 * @param effect the change in the vault
 * @param answer what of it is kept under the Idempotency-Key of the request, together with the outcome; left out where the
 * effect itself keeps it
 */
export async function auditedVaultChange<T>(
  stores: SecretStores,
  entry: VaultChange,
  check: (tx: OrgTransaction) => Promise<unknown>,
  effect: () => Promise<T>,
  answer?: (value: T) => IdempotencyReference['fields'],
): Promise<T> {
  await withOrg(stores.operational, stores.identity, 'write', async (tx) => {
    await check(tx);
    await appendAudit(tx, { ...entry, outcome: 'INTENDED' });
  });
  let value: T;
  try {
    value = await effect();
  } catch (error) {
    const code = error instanceof BulkheadError ? error.code : 'INTERNAL';
    // The caller has to hear why the change failed, not that its record failed too: INTENDED stays, and shows it.
    await recordOutcome(stores, entry, 'FAILED', code).then(
      () => noteRecorded(error),
      () => undefined,
    );
    throw error;
  }
  if (answer === undefined) await recordOutcome(stores, entry, 'SUCCEEDED');
  else await finishWithOutcome(stores, entry, answer(value));
  return value;
}

async function finishWithOutcome(
  { operational, identity }: SecretStores,
  entry: VaultChange,
  fields: IdempotencyReference['fields'],
): Promise<void> {
  const reference = { resource: entry.resource, fields };
  await withOrg(operational, identity, 'write', async (tx) => {
    await appendAudit(tx, { ...entry, outcome: 'SUCCEEDED' });
    await finishKey(tx, reference);
  });
  noteFinished(identity, reference);
}

function recordOutcome(
  { operational, identity }: SecretStores,
  entry: VaultChange,
  outcome: AuditOutcome,
  code?: ErrorCode,
): Promise<void> {
  return withOrg(operational, identity, 'write', (tx) =>
    appendAudit(tx, { ...entry, outcome, ...(code === undefined ? {} : { code }) }),
  );
}
