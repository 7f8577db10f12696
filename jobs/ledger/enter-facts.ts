import { randomUUID } from 'node:crypto';
import { auditSigner } from '../../audit/audit-key.js';
import { enterInLedger, type LedgerEnd, type LedgerFact, type PlacedEntry } from '../../audit/ledger/ledger.js';
import { deploymentOrgId, type Identity, systemIdentity } from '../../auth/identity.js';
import { withOrg } from '../../db/with-org.js';
import { connectAsProvisioner } from '../../telemetry/with-provisioner.js';
import type { JobContext } from '../job-context.js';

/** Name of the part of the system that keeps the ledger. */
export const ledgerPart = 'ledger';

/**
 * Enters facts in the ledger of the deployment, one worker at a time, and has the database remember how far it has come:
 * a restored one knows by that which ledger is too short, and no second one is begun beside it.
 * @throws LedgerFault when the ledger was changed, is another one than the database knows, or the disk is full
 */
export async function enterFacts(
  { configuration, operational }: JobContext,
  facts: readonly LedgerFact[],
): Promise<readonly PlacedEntry[]> {
  const { provisionerUrl, ledgerDirectory, auditKey, deployment } = configuration;
  const lock = connectAsProvisioner(provisionerUrl);
  try {
    await lock`set lock_timeout = '10s'`;
    await lock`select pg_advisory_lock(hashtextextended('bulkhead:ledger', 0))`;
    const known = await withOrg(operational, asLedger(), 'read', async (tx) => {
      const [end] = await tx.sql<
        { number: string; sha256: string }[]
      >`select number, sha256 from platform.ledger_end()`;
      return end;
    });
    const end: LedgerEnd | undefined = known && { number: Number(known.number), sha256: known.sha256 };
    const { entries, last } = enterInLedger(ledgerDirectory, auditSigner(auditKey, deployment), facts, end);
    await withOrg(operational, asLedger(), 'write', async (tx) => {
      await tx.sql`select platform.note_ledger(${last.number}, ${last.sha256})`;
    });
    return entries;
  } finally {
    await lock.end({ timeout: 5 });
  }
}

function asLedger(): Identity {
  return systemIdentity(deploymentOrgId, ledgerPart, randomUUID());
}
