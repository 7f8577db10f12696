import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { and, eq, inArray, lt, sql } from 'drizzle-orm';
import { type ExportRow, exports } from '../../db/tables/exports.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { enqueueJob } from '../../jobs/enqueue-job.js';
import { newId } from '../input/id.js';
import { getExport } from './get-export.js';
import { requireWhole } from './require-whole.js';

/** Hours for which an archive can be fetched at most, and if nothing else is said. */
export const maxLifeHours = 24;
/** Hours after which an export that is still under way is given up. */
const maxHours = 24;

/** A new export, with the token that is shown this once. */
export interface CreatedExport {
  readonly row: ExportRow;
  /** Key that opens the archive, `AGE-SECRET-KEY-1…`: only its public half is stored. */
  readonly token: string;
}

/**
 * Asks for an archive of the organization. It is made by a job and encrypted to a key that is made here.
 * @param lifeHours hours for which it can be fetched once it is ready, 1–24
 * @throws BulkheadError FORBIDDEN, BAD_USER_INPUT, CONFLICT while another archive is under way or can be fetched
 */
export async function createExport(tx: OrgTransaction, lifeHours: number): Promise<CreatedExport> {
  requireWhole(tx.identity);
  if (lifeHours < 1 || lifeHours > maxLifeHours) {
    throw invalidInput('input.lifeHours', `must be between 1 and ${maxLifeHours}`);
  }
  await endFormer(tx);
  const token = await generateX25519Identity();
  const id = newId();
  await tx.db.insert(exports).values({
    orgId: tx.orgId,
    id,
    lifeHours,
    recipient: await identityToRecipient(token),
    createdBy: tx.identity.actor.id,
  });
  await enqueueJob(tx, 'exportOrganization', { exportId: id });
  return { row: await getExport(tx, id), token };
}

/** Whatever has expired, or has hung for a day, no longer stands in the way, also before the job has looked. */
async function endFormer(tx: OrgTransaction): Promise<void> {
  const own = eq(exports.orgId, tx.orgId);
  await tx.db
    .update(exports)
    .set({ state: 'EXPIRED', endedAt: sql`now()` })
    .where(and(own, eq(exports.state, 'READY'), lt(exports.expiresAt, sql`clock_timestamp()`)));
  await tx.db
    .update(exports)
    .set({ state: 'FAILED', endedAt: sql`now()` })
    .where(
      and(
        own,
        inArray(exports.state, ['REQUESTED', 'RUNNING']),
        lt(exports.createdAt, sql`clock_timestamp() - make_interval(hours => ${maxHours}::int)`),
      ),
    );
}
