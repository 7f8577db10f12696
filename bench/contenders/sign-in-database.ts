import { parseKey } from '../../auth/api-keys/key-format.js';
import { asAdmin } from '../seed/admin.js';
import type { SeededDeployment } from '../seed/seed.js';

/**
 * Lets the gateway's role of the benchmark's own database enter a context by the number of an organization: pgbench
 * cannot sign one. The same lines are signed with the same key as in the product, by PostgreSQL.
 */
export async function signInDatabase({ deployment, manifest }: SeededDeployment): Promise<void> {
  const numbers = `{${manifest.organizations.map((_, number) => number).join(',')}}`;
  const orgIds = `{${manifest.organizations.map(({ orgId }) => orgId).join(',')}}`;
  const keyIds = `{${manifest.organizations.map(({ fullKey }) => parseKey(fullKey)?.id).join(',')}}`;
  await asAdmin(deployment, 'bulkhead', (sql) =>
    sql.begin(async (tx) => {
      await tx.unsafe(definitions);
      await tx`
        insert into bench.organizations
        select n.number, k.org_id, k.id, k.revision
        from unnest(${numbers}::int[], ${orgIds}::uuid[], ${keyIds}::text[]) as n (number, org_id, key_id)
        join app.api_keys k on k.org_id = n.org_id and k.id = n.key_id`;
    }),
  );
}

const definitions = `
  drop table if exists bench.organizations cascade;
  create table bench.organizations (number int primary key, org_id uuid not null, key_id text not null, revision bigint);
  create or replace function bench.enter(organization int, purpose text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
  declare
    payload text;
    signature text;
  begin
    select concat_ws(E'\\n', o.org_id, pg_backend_pid(), extract(epoch from clock_timestamp()) + 30, purpose, o.revision,
                     'API_KEY', o.key_id, 'pgbench', '', 'visible *')
           || case purpose when 'write' then E'\\nwrite *\\nadmin *' else '' end || E'\\n'
    into strict payload from bench.organizations o where o.number = organization;
    select encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(payload, 'UTF8'))), 'hex')
    into strict signature from platform.context_keys k where k.id = 1;
    perform app.enter(signature || payload);
  end $$;
  revoke all on function bench.enter(int, text) from public;
  grant execute on function bench.enter(int, text) to bulkhead_gateway;
`;
