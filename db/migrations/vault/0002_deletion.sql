-- Deletion of an organization: what the vault has of it, keys included, without which nothing that was sealed to them can
-- be opened. The vault does not know which organizations are being deleted; that the deletion acts stands in the signed
-- context.
create function vault.deleting_org() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare context jsonb := app.context();
begin
  if context->>'actorType' is distinct from 'SYSTEM' or context->>'actorId' is distinct from 'deletion'
     or context->>'purpose' is distinct from 'write' then
    return null;
  end if;
  return (context->>'org')::uuid;
end $$;

create policy being_deleted on vault.secrets for select to bulkhead_owner
  using (org_id = (select vault.deleting_org()));
create policy deleted_with_organization on vault.secrets for delete to bulkhead_owner
  using (org_id = (select vault.deleting_org()));
create policy being_deleted on vault.organization_keys for select to bulkhead_owner
  using (org_id = (select vault.deleting_org()));
create policy deleted_with_organization on vault.organization_keys for delete to bulkhead_owner
  using (org_id = (select vault.deleting_org()));

-- Tables with rows of organizations, those that refer to others first.
create function vault.tables_of_organizations() returns table (relation oid, name text)
language sql stable set search_path = pg_catalog, pg_temp as $$
  with recursive tables as (
    select c.oid as relation, n.nspname || '.' || c.relname as name from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname not in ('pg_catalog', 'information_schema')
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
    where c.relkind in ('r', 'p') and not c.relispartition
  ), ranked (relation, rank) as (
    select t.relation, 0 from tables t
    union
    select k.confrelid, r.rank + 1 from ranked r
    join pg_constraint k on k.contype = 'f' and k.conrelid = r.relation and k.confrelid <> k.conrelid where r.rank < 100
  )
  select t.relation, t.name from tables t
  order by (select max(r.rank) from ranked r where r.relation = t.relation), t.name
$$;

-- Removes all rows of the organization; answers how many there were. BH005: a table would hide its rows.
create function vault.delete_rows() returns table (name text, removed bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := vault.deleting_org();
  each record;
begin
  if org is null then raise exception 'only for a deletion' using errcode = 'insufficient_privilege'; end if;
  for each in select * from vault.tables_of_organizations() loop
    if (select c.relrowsecurity and (
          select count(*) from pg_policy p where p.polrelid = c.oid and p.polpermissive
            and (p.polname, p.polcmd) in (('being_deleted', 'r'), ('deleted_with_organization', 'd'))) < 2
        from pg_class c where c.oid = each.relation) then
      raise exception 'table % has no policies for the deletion', each.name using errcode = 'BH005';
    end if;
    name := each.name;
    execute format('delete from %s where org_id = $1', each.relation::regclass) using org;
    get diagnostics removed = row_count;
    return next;
  end loop;
end $$;

-- How many rows of the organization there are.
create function vault.count_rows() returns table (name text, remaining bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := vault.deleting_org();
  each record;
begin
  if org is null then raise exception 'only for a deletion' using errcode = 'insufficient_privilege'; end if;
  for each in select * from vault.tables_of_organizations() loop
    name := each.name;
    execute format('select count(*) from %s where org_id = $1', each.relation::regclass) into remaining using org;
    return next;
  end loop;
end $$;

revoke all on all functions in schema vault from public;
grant execute on function vault.delete_rows(), vault.count_rows() to bulkhead_vault_reader;
