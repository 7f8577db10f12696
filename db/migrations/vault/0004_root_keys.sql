-- Rotation of the root key. A wrapped private key begins with the id of the root key that has wrapped it, 8 bytes; the
-- worker wraps it anew, and how many depend on which root key can be counted by those who see no row.
create policy changed on vault.organization_keys for update to bulkhead_vault_reader
  using (org_id = (select app.org_id()) and '%' = any ((select app.changeable('SECRET', 'write'))::text[]));
grant update (wrapped_private_key) on vault.organization_keys to bulkhead_vault_reader;

create policy listed_by_owner on vault.organization_keys for select to bulkhead_owner
  using ((select current_setting('app.listing', true)) = 'all');

-- Key pairs of organizations by the root key that has wrapped them: numbers only, of the whole deployment.
create function vault.count_by_root_key() returns table (root_key_id text, key_pairs bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  -- The role that looks at the deployment has no context.
  if session_user = 'bulkhead_vault_reader' and app.context()->>'actorType' is distinct from 'SYSTEM' then
    raise exception 'not for this actor' using errcode = 'insufficient_privilege';
  end if;
  perform set_config('app.listing', 'all', true);
  return query
    select encode(substring(k.wrapped_private_key for 8), 'hex') as id, count(*)
    from vault.organization_keys k group by 1 order by 1;
  perform set_config('app.listing', '', true);
end $$;

-- Organizations with a private key that another root key has wrapped, by id.
create function vault.organizations_to_rewrap(root_key_id text, after uuid, page_size integer) returns setof uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if app.context()->>'actorType' is distinct from 'SYSTEM' or app.context()->>'purpose' is distinct from 'write' then
    raise exception 'not for this actor' using errcode = 'insufficient_privilege';
  end if;
  perform set_config('app.listing', 'all', true);
  return query
    select distinct k.org_id from vault.organization_keys k
    where substring(k.wrapped_private_key for 8) <> decode(root_key_id, 'hex') and (after is null or k.org_id > after)
    order by k.org_id limit page_size;
  perform set_config('app.listing', '', true);
end $$;

revoke all on function vault.count_by_root_key(), vault.organizations_to_rewrap(text, uuid, integer) from public;
grant execute on function vault.count_by_root_key() to bulkhead_vault_reader, bulkhead_posture;
grant execute on function vault.organizations_to_rewrap(text, uuid, integer) to bulkhead_vault_reader;
