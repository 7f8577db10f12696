import { type AdministratorTransaction, withAdministrator } from '../../db/administrator.js';
import { arrayLiteral } from '../../db/array-literal.js';
import { defaultDatabaseNames } from '../../db/cluster.js';
import type { OrganizationRequest } from './organization-request.js';

/** Secrets that were put back. */
export interface SecretsPutBack {
  readonly secrets: number;
  /** Their integrations, none of which was there. */
  readonly integrationIds: readonly string[];
}

/**
 * Puts secrets back into the vault that went with an integration which comes back. Those of integrations that are there
 * now stay as they are: what was replaced or deleted by itself is not to be used again. They count as set now, so that
 * the ledger, which knows them as ended, does not end them once more.
 * @param there ids of the integrations that are there, which nobody can change meanwhile
 */
export async function putSecretsBack(
  { adminUrl, cluster, orgId }: OrganizationRequest,
  there: ReadonlySet<string>,
): Promise<SecretsPutBack> {
  const then = cluster.connect(defaultDatabaseNames.vault);
  try {
    const rows = await then<{ integrationId: string; row: string }[]>`
      select integration_id as "integrationId", row_to_json(s)::text as row from vault.secrets s where org_id = ${orgId}`;
    const missing = rows.filter(({ integrationId }) => !there.has(integrationId));
    const integrationIds = [...new Set(missing.map(({ integrationId }) => integrationId))];
    if (integrationIds.length === 0) return { secrets: 0, integrationIds };
    return await withAdministrator(adminUrl, defaultDatabaseNames.vault, (vault) =>
      vault.begin(async (sql) => {
        for (const { row } of missing) {
          await sql`insert into vault.secrets
                    select (json_populate_record(null::vault.secrets, ${row}::text::json)).* on conflict do nothing`;
        }
        await sql`update vault.secrets set updated_at = now(), updated_by = 'org restore'
                  where org_id = ${orgId} and integration_id = any (${arrayLiteral(integrationIds)}::uuid[])`;
        return { secrets: missing.length, integrationIds };
      }),
    );
  } finally {
    await then.end({ timeout: 5 });
  }
}

/** Removes the secrets of integrations that are gone for good. */
export async function removeSecrets(
  { adminUrl, orgId }: OrganizationRequest,
  integrationIds: readonly string[],
): Promise<void> {
  if (integrationIds.length === 0) return;
  await withAdministrator(
    adminUrl,
    defaultDatabaseNames.vault,
    (sql) => sql`delete from vault.secrets
                 where org_id = ${orgId} and integration_id = any (${arrayLiteral(integrationIds)}::uuid[])`,
  );
}

/** Ids of the integrations of an organization. */
export async function integrationsOf(tx: AdministratorTransaction, orgId: string): Promise<Set<string>> {
  const rows = await tx<{ id: string }[]>`select id from app.integrations where org_id = ${orgId}`;
  return new Set(rows.map(({ id }) => id));
}
