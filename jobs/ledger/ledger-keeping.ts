import { randomUUID } from 'node:crypto';
import type { LedgerFact } from '../../audit/ledger/ledger.js';
import { LedgerFault } from '../../audit/ledger/ledger-fault.js';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { arrayLiteral } from '../../db/array-literal.js';
import type { Database } from '../../db/database.js';
import { setAlert } from '../../db/set-alert.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import type { JobContext } from '../job-context.js';
import { PeriodicJob } from '../periodic-job.js';
import { enterFacts, ledgerPart } from './enter-facts.js';
import { isNarrowed, type KeyChange } from './is-narrowed.js';

/** Milliseconds between two looks for what is to be entered: it is to be there within seconds of its commit. */
const pollMs = 1000;

interface Unledgered {
  readonly id: string;
  readonly fact: LedgerFact;
  /** What a key could do before and can do now, where only that tells whether it is to be entered. */
  readonly details: KeyChange | null;
}

/**
 * Enters in the ledger what was revoked or narrowed, until it is closed. A trigger puts each revocation into `platform.unledgered`, in
 * the transaction of the revocation; it leaves that table only once the line is on the disk, so whoever is killed in
 * between is followed by one who finds it again, and the ledger takes each fact once.
 */
export class LedgerKeeping {
  readonly #job: PeriodicJob;
  /** As the alert has it; undefined before the first round. */
  #isRefused: boolean | undefined;

  constructor(context: JobContext) {
    let isBegun = false;
    const keep = async () => {
      // Also without anything to enter: a deployment has a ledger from its first minute on.
      if (!isBegun) await enterFacts(context, []);
      isBegun = true;
      while ((await keepLedger(context)) > 0);
    };
    const run = async () => {
      let fault: LedgerFault | undefined;
      try {
        await keep();
      } catch (error) {
        if (!(error instanceof LedgerFault)) throw error;
        fault = error;
      }
      await this.#tell(context, fault);
      if (fault !== undefined) throw fault;
    };
    this.#job = new PeriodicJob({ name: ledgerPart, everyMs: pollMs, run }, context.log);
  }

  async #tell({ operational }: JobContext, fault: LedgerFault | undefined): Promise<void> {
    const isFiring = fault !== undefined;
    if (isFiring === this.#isRefused) return;
    const summary = fault === undefined ? 'the ledger is kept' : `revocations and deletions wait: ${fault.message}`;
    await setAlert(operational, { name: 'LedgerRefused', isFiring, severity: 'page', summary, evidence: {} });
    this.#isRefused = isFiring;
  }

  /** Ends the round under way. */
  close(): Promise<void> {
    return this.#job.close();
  }
}

/** Enters what waits in both databases and bounds anything, at most 1,000 of each, and answers how many there were. */
export async function keepLedger(context: JobContext): Promise<number> {
  const stores = [context.operational, context.vault];
  const waiting = await Promise.all(stores.map((store) => asLedger(store, 'read', unledgered)));
  const all = waiting.flat();
  if (all.length === 0) return 0;
  const facts = all.filter(({ details }) => details === null || isNarrowed(details)).map(({ fact }) => fact);
  if (facts.length > 0) await enterFacts(context, facts);
  for (const [index, store] of stores.entries()) {
    const ids = (waiting[index] ?? []).map(({ id }) => id);
    if (ids.length === 0) continue;
    await asLedger(store, 'write', (tx) => tx.sql`select platform.forget_unledgered(${arrayLiteral(ids)}::uuid[])`);
  }
  return all.length;
}

async function unledgered(tx: OrgTransaction): Promise<Unledgered[]> {
  type Row = Omit<LedgerFact, 'organization'> & { id: string; orgId: string; details: KeyChange | null };
  const rows = await tx.sql<Row[]>`
    select id, org_id as "orgId", event, subject, at, to_jsonb(u)->'details' as details
    from platform.list_unledgered() u`;
  return rows.map(({ id, details, orgId, ...fact }) => ({ id, details, fact: { ...fact, organization: orgId } }));
}

function asLedger<T>(store: Database, purpose: 'read' | 'write', work: (tx: OrgTransaction) => Promise<T>): Promise<T> {
  return withOrg(store, systemIdentity(deploymentOrgId, ledgerPart, randomUUID()), purpose, work);
}
