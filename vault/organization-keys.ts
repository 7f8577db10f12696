import { desc, eq } from 'drizzle-orm';
import type { Identity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { organizationKeys } from '../db/tables/secrets.js';
import { withOrg } from '../db/with-org.js';
import type { HeldKeys } from './held-keys.js';
import { newOrganizationKey } from './new-organization-key.js';

/**
 * Makes the first key pair of an organization where it has none; run again, or by several at once, it changes nothing.
 * Only the worker can: its role alone may write keys, and it alone is given the root key.
 * @param vaultReader the vault as `bulkhead_vault_reader`
 * @param rootKeys root keys of the deployment
 * @param deployment id of the deployment, to which the private key is bound
 * @returns the version of the organization's newest key
 */
export async function ensureOrganizationKey(
  vaultReader: Database,
  identity: Identity,
  rootKeys: HeldKeys,
  deployment: string,
): Promise<number> {
  const [present] = await withOrg(vaultReader, identity, 'read', (tx) =>
    tx.db
      .select({ version: organizationKeys.version })
      .from(organizationKeys)
      .where(eq(organizationKeys.orgId, tx.orgId))
      .orderBy(desc(organizationKeys.version))
      .limit(1),
  );
  if (present !== undefined) return present.version;
  const row = await newOrganizationKey(rootKeys, deployment, identity.orgId);
  await withOrg(vaultReader, identity, 'write', (tx) =>
    tx.db.insert(organizationKeys).values(row).onConflictDoNothing(),
  );
  return row.version;
}
