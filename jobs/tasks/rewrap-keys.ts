import { randomUUID } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import { appendAudit } from '../../audit/append-audit.js';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { arrayLiteral } from '../../db/array-literal.js';
import type { Database } from '../../db/database.js';
import { organizationKeys } from '../../db/tables/secrets.js';
import { withOrg } from '../../db/with-org.js';
import { rewrapPrivateKey, rootKeyIdOf } from '../../vault/new-organization-key.js';
import { enqueueJob } from '../enqueue-job.js';
import { failureReason } from '../failure-reason.js';
import type { Task, TaskContext } from '../task.js';

const part = 'rewrapKeys';
const pageSize = 200;

/**
 * Wraps the private keys of organizations with the current root key where another one has wrapped them, organization by
 * organization, and notes which root keys are still needed. A run that was killed anywhere is finished by the next one.
 */
export const rewrapKeys: Task = {
  name: part,
  concerns: 'DEPLOYMENT',
  maxAttempts: 10,
  schedule: { cron: '47 * * * *', afterStartMs: 0 },
  run: async (_payload, context) => {
    const failures: string[] = [];
    let keyPairs = 0;
    for await (const orgId of organizationsToRewrap(context)) {
      context.signal.throwIfAborted();
      try {
        keyPairs += await rewrapOrganization(context, orgId);
      } catch (error) {
        failures.push(`${orgId}: ${failureReason(error)}`);
      }
    }
    await noteUse(context, keyPairs);
    if (failures.length > 0) throw new Error(`${failures.length} organizations failed, the first ${failures[0]}`);
  },
};

/** Asks for a run at once, because keys were rotated. */
export async function askForRewrapping(operational: Database): Promise<void> {
  const identity = systemIdentity(deploymentOrgId, part, randomUUID());
  await withOrg(operational, identity, 'write', (tx) => enqueueJob(tx, part, {}, { jobKey: 'rotated' }));
}

async function* organizationsToRewrap({ vault, rootKeys }: TaskContext): AsyncGenerator<string, void> {
  let after: string | undefined;
  do {
    const page = await withOrg(
      vault,
      systemIdentity(deploymentOrgId, part, randomUUID()),
      'write',
      (tx) => tx.sql<{ orgId: string }[]>`
        select o as "orgId" from vault.organizations_to_rewrap(${rootKeys.current.id}, ${after ?? null}, ${pageSize}) o`,
    );
    yield* page.map(({ orgId }) => orgId);
    after = page.length < pageSize ? undefined : page.at(-1)?.orgId;
  } while (after !== undefined);
}

/** All key pairs of one organization, in one transaction; answers how many there were. */
function rewrapOrganization({ vault, rootKeys, configuration }: TaskContext, orgId: string): Promise<number> {
  return withOrg(vault, systemIdentity(orgId, part, randomUUID()), 'write', async (tx) => {
    const rows = await tx.db.select().from(organizationKeys).where(eq(organizationKeys.orgId, tx.orgId)).for('update');
    const old = rows.filter((row) => rootKeyIdOf(row) !== rootKeys.current.id);
    for (const row of old) {
      await tx.db
        .update(organizationKeys)
        .set({ wrappedPrivateKey: rewrapPrivateKey(rootKeys, configuration.deployment, row) })
        .where(and(eq(organizationKeys.orgId, tx.orgId), eq(organizationKeys.version, row.version)));
    }
    return old.length;
  });
}

/** What was done is in the audit log of the deployment, and since when a retired key is not needed in the list of keys. */
async function noteUse({ vault, operational, rootKeys, log }: TaskContext, keyPairs: number): Promise<void> {
  const identity = systemIdentity(deploymentOrgId, part, randomUUID());
  const used = await withOrg(
    vault,
    identity,
    'read',
    (tx) => tx.sql<{ id: string }[]>`select root_key_id as id from vault.count_by_root_key()`,
  );
  await withOrg(operational, identity, 'write', async (tx) => {
    await tx.sql`select platform.note_root_keys_in_use(${arrayLiteral(used.map(({ id }) => id))}::text[])`;
    if (keyPairs === 0) return;
    const change = { rootKey: rootKeys.current.id, keyPairs };
    await appendAudit(tx, { action: part, resource: 'DEPLOYMENT', outcome: 'SUCCEEDED', change });
  });
  if (keyPairs > 0)
    log.info({ rootKey: rootKeys.current.id, keyPairs }, 'key pairs were wrapped with the current root key');
}
