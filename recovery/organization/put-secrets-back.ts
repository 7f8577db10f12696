import { type Administrator, withAdministrator } from '../../db/administrator.js';
import { defaultDatabaseNames } from '../../db/cluster.js';
import type { OrganizationRequest } from './restore-organization.js';

/**
 * Puts secrets back into the vault that went with an integration which comes back. Those of integrations that are there
 * now stay as they are: what was replaced or deleted by itself is not to be used again. They count as set now, so that
 * the ledger, which knows them as ended, does not end them once more.
 * @returns how many there were
 */
export async function putSecretsBack({ adminUrl, cluster, orgId }: OrganizationRequest): Promise<number> {
  const then = cluster.connect(defaultDatabaseNames.vault);
  try {
    const rows = await then<{ integrationId: string; row: string }[]>`
      select integration_id as "integrationId", row_to_json(s)::text as row from vault.secrets s where org_id = ${orgId}`;
    const there = await integrationsOf(adminUrl, orgId);
    const missing = rows.filter(({ integrationId }) => !there.has(integrationId));
    return await withAdministrator(adminUrl, defaultDatabaseNames.vault, async (sql) => {
      for (const { row } of missing) {
        await sql`insert into vault.secrets
                  select (json_populate_record(null::vault.secrets, ${row}::text::json)).* on conflict do nothing`;
      }
      const ids = [...new Set(missing.map(({ integrationId }) => integrationId))];
      for (const id of ids) {
        await sql`update vault.secrets set updated_at = now(), updated_by = 'org restore'
                  where org_id = ${orgId} and integration_id = ${id}`;
      }
      return missing.length;
    });
  } finally {
    await then.end({ timeout: 5 });
  }
}

/** Removes secrets of integrations that are gone: those that were made since the moment. */
export async function removeSecretsOfNothing({ adminUrl, orgId }: OrganizationRequest): Promise<void> {
  const there = await integrationsOf(adminUrl, orgId);
  await withAdministrator(adminUrl, defaultDatabaseNames.vault, async (sql) => {
    const rows = await sql<{ id: string }[]>`
      select distinct integration_id as id from vault.secrets where org_id = ${orgId}`;
    for (const { id } of rows) {
      if (!there.has(id)) await sql`delete from vault.secrets where org_id = ${orgId} and integration_id = ${id}`;
    }
  });
}

async function integrationsOf(adminUrl: string, orgId: string): Promise<Set<string>> {
  const read = (sql: Administrator) => sql<{ id: string }[]>`select id from app.integrations where org_id = ${orgId}`;
  const rows = await withAdministrator(adminUrl, defaultDatabaseNames.operational, read);
  return new Set(rows.map(({ id }) => id));
}
