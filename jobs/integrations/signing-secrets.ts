import { and, eq, inArray } from 'drizzle-orm';
import type { Identity } from '../../auth/identity.js';
import { organizationKeys, secrets } from '../../db/tables/secrets.js';
import { withOrg } from '../../db/with-org.js';
import { formerSigningSecret, signingSecret } from '../../integrations/catalog.js';
import { openSecret } from '../../vault/open-secret.js';
import type { JobContext } from '../job-context.js';

const names = [signingSecret, formerSigningSecret];

/**
 * Opens the signing secrets of an integration for as long as `use` runs, the current one first; none where none was put.
 * @throws SealBroken
 */
export async function withSigningSecrets<T>(
  { vault, rootKeys, configuration }: JobContext,
  identity: Identity,
  integrationId: string,
  use: (secrets: readonly Buffer[]) => Promise<T>,
): Promise<T> {
  const { sealed, keys } = await withOrg(vault, identity, 'read', async (tx) => ({
    sealed: await tx.db
      .select()
      .from(secrets)
      .where(and(eq(secrets.orgId, tx.orgId), eq(secrets.integrationId, integrationId), inArray(secrets.name, names))),
    keys: await tx.db.select().from(organizationKeys).where(eq(organizationKeys.orgId, tx.orgId)),
  }));
  const opened: Buffer[] = [];
  try {
    for (const name of names) {
      const row = sealed.find((each) => each.name === name);
      const key = keys.find(({ version }) => version === row?.keyVersion);
      if (row === undefined || key === undefined) continue;
      opened.push(await openSecret(rootKeys, configuration.deployment, row, key));
    }
    return await use(opened);
  } finally {
    for (const value of opened) value.fill(0);
  }
}
