import { auditSigner } from '../../audit/audit-key.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { sealEntries } from '../seal-entries.js';
import { inDeletion, type RunStep } from './deletion.js';

/** Rows that are removed in one transaction, about. */
const batchSize = 5_000;

/**
 * Removes all rows of the organization from the operational database, table by table as the catalogue has them. Its last
 * audit entries are sealed before: what proves the log stays, what it says goes.
 * @throws BulkheadError INTERNAL for tables that cannot be emptied, before anything is removed
 */
export const deleteRows: RunStep = async (context, { orgId }) => {
  const { operational, signal, configuration } = context;
  const faults = await inDeletion(
    operational,
    orgId,
    (tx) => tx.sql<{ name: string; fault: string }[]>`select name, fault from platform.deletion_faults()`,
  );
  if (faults.length > 0) {
    const list = faults.map(({ name, fault }) => `${name} ${fault}`).join('; ');
    throw new BulkheadError('INTERNAL', `tables cannot be emptied: ${list}`);
  }
  const signer = auditSigner(configuration.auditKey, configuration.deployment);
  while ((await sealEntries(context, signer, orgId)) > 0) signal.throwIfAborted();
  // The audit log belongs to another role, so that each has a function of its own.
  for (const isAudit of [true, false]) {
    for (let isDone = false; !isDone; ) {
      signal.throwIfAborted();
      const [row] = await inDeletion(operational, orgId, (tx) =>
        isAudit
          ? tx.sql<{ done: boolean }[]>`select audit.delete_rows(${batchSize}) as done`
          : tx.sql<{ done: boolean }[]>`select platform.delete_rows(${batchSize}) as done`,
      );
      isDone = row?.done === true;
    }
  }
};
