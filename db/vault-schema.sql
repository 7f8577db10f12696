-- What the migrations make, read from the catalogue by `npm run dump-schema`: to be read, not to be run.

create schema app authorization bulkhead_owner;
grant usage on schema app to bulkhead_vault_reader;
grant usage on schema app to bulkhead_vault_writer;

create schema platform authorization bulkhead_owner;
grant usage on schema platform to bulkhead_vault_reader;

create schema public authorization pg_database_owner;

create schema vault authorization bulkhead_owner;
grant usage on schema vault to bulkhead_posture;
grant usage on schema vault to bulkhead_vault_reader;
grant usage on schema vault to bulkhead_vault_writer;

create table platform.context_keys (
  id integer not null,
  inner_pad bytea not null,
  outer_pad bytea not null,
  constraint context_keys_id_check CHECK ((id = 1)),
  constraint context_keys_inner_pad_check CHECK ((length(inner_pad) = 64)),
  constraint context_keys_outer_pad_check CHECK ((length(outer_pad) = 64)),
  constraint context_keys_pkey PRIMARY KEY (id)
);
alter table platform.context_keys owner to bulkhead_owner;

create table platform.migrations (
  name text not null,
  digest text not null,
  applied_at timestamp with time zone default now() not null,
  constraint migrations_pkey PRIMARY KEY (name)
);
alter table platform.migrations owner to bulkhead_owner;

create table platform.unledgered (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  event text default 'SECRET_ENDED'::text not null,
  subject text not null,
  at timestamp with time zone not null,
  constraint unledgered_event_check CHECK ((event = 'SECRET_ENDED'::text)),
  constraint unledgered_pkey PRIMARY KEY (id)
);
alter table platform.unledgered owner to bulkhead_owner;

create table vault.organization_keys (
  org_id uuid not null,
  version integer not null,
  public_key bytea not null,
  wrapped_private_key bytea not null,
  created_at timestamp with time zone default now() not null,
  constraint organization_keys_pkey PRIMARY KEY (org_id, version),
  constraint organization_keys_version_check CHECK ((version >= 1))
);
alter table vault.organization_keys owner to bulkhead_owner;
alter table vault.organization_keys enable row level security;
alter table vault.organization_keys force row level security;
create policy being_deleted on vault.organization_keys for select to bulkhead_owner
  using ((org_id = ( SELECT vault.deleting_org() AS deleting_org)));
create policy changed on vault.organization_keys for update to bulkhead_vault_reader
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND ('%'::text = ANY (( SELECT app.changeable('SECRET'::text, 'write'::text) AS changeable)::text[]))));
create policy created on vault.organization_keys for insert to bulkhead_vault_reader
  with check ((org_id = ( SELECT app.org_id() AS org_id)));
create policy deleted_with_organization on vault.organization_keys for delete to bulkhead_owner
  using ((org_id = ( SELECT vault.deleting_org() AS deleting_org)));
create policy listed_by_owner on vault.organization_keys for select to bulkhead_owner
  using ((( SELECT current_setting('app.listing'::text, true) AS current_setting) = 'all'::text));
create policy visible on vault.organization_keys for select to bulkhead_vault_reader, bulkhead_vault_writer
  using ((org_id = ( SELECT app.org_id() AS org_id)));
grant insert, select on vault.organization_keys to bulkhead_vault_reader;
grant select (org_id, version, public_key, created_at) on vault.organization_keys to bulkhead_vault_writer;
grant update (wrapped_private_key) on vault.organization_keys to bulkhead_vault_reader;

create table vault.secrets (
  org_id uuid not null,
  integration_id uuid not null,
  name text not null,
  version integer not null,
  key_version integer not null,
  sealed bytea not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  updated_at timestamp with time zone,
  updated_by text,
  constraint secrets_name_check CHECK ((name ~ '^[A-Za-z0-9_.-]{1,100}$'::text)),
  constraint secrets_org_id_key_version_fkey FOREIGN KEY (org_id, key_version) REFERENCES vault.organization_keys(org_id, version) ON DELETE RESTRICT,
  constraint secrets_pkey PRIMARY KEY (org_id, integration_id, name),
  constraint secrets_sealed_check CHECK ((octet_length(sealed) <= 20000)),
  constraint secrets_version_check CHECK ((version >= 1))
);
alter table vault.secrets owner to bulkhead_owner;
CREATE TRIGGER note_ended_value AFTER DELETE OR UPDATE OF sealed ON vault.secrets FOR EACH ROW EXECUTE FUNCTION vault.note_ended_value();
alter table vault.secrets enable row level security;
alter table vault.secrets force row level security;
create policy being_deleted on vault.secrets for select to bulkhead_owner
  using ((org_id = ( SELECT vault.deleting_org() AS deleting_org)));
create policy changed on vault.secrets for update to bulkhead_vault_writer
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('SECRET/'::text || integration_id) ~~ ANY (( SELECT app.changeable('SECRET'::text, 'write'::text) AS changeable)::text[]))));
create policy created on vault.secrets for insert to bulkhead_vault_writer
  with check (((org_id = ( SELECT app.org_id() AS org_id)) AND (('SECRET/'::text || integration_id) ~~ ANY (( SELECT app.changeable('SECRET'::text, 'write'::text) AS changeable)::text[]))));
create policy deleted_with_organization on vault.secrets for delete to bulkhead_owner
  using ((org_id = ( SELECT vault.deleting_org() AS deleting_org)));
create policy removed on vault.secrets for delete to bulkhead_vault_writer
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('SECRET/'::text || integration_id) ~~ ANY (( SELECT app.changeable('SECRET'::text, 'write'::text) AS changeable)::text[]))));
create policy visible on vault.secrets for select to bulkhead_vault_reader, bulkhead_vault_writer
  using (((org_id = ( SELECT app.org_id() AS org_id)) AND (('SECRET/'::text || integration_id) ~~ ANY (( SELECT app.visible('SECRET'::text) AS visible)::text[]))));
grant delete, insert on vault.secrets to bulkhead_vault_writer;
grant select (org_id, integration_id, name, version, key_version, created_at, created_by, updated_at, updated_by) on vault.secrets to bulkhead_vault_writer;
grant select on vault.secrets to bulkhead_vault_reader;
grant update (version, key_version, sealed, updated_at, updated_by) on vault.secrets to bulkhead_vault_writer;

CREATE OR REPLACE FUNCTION app.changeable(noun text, action text)
 RETURNS text[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare payload text := app.verified();
begin
  if split_part(payload, E'\n', 4) = 'write' and action in ('write', 'admin') then
    return app.patterns(payload, action, noun);
  end if;
  return '{}';
end $function$;
alter function app.changeable(text,text) owner to bulkhead_owner;
grant execute on function app.changeable(text,text) to bulkhead_vault_reader;
grant execute on function app.changeable(text,text) to bulkhead_vault_writer;

CREATE OR REPLACE FUNCTION app.context()
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  fields text[] := string_to_array(app.verified(), E'\n', '');
begin
  if fields is null then return null; end if;
  return jsonb_build_object('org', fields[1], 'purpose', fields[4], 'actorType', fields[6], 'actorId', fields[7],
                            'requestId', fields[8], 'clientAddress', fields[9]);
end $function$;
alter function app.context() owner to bulkhead_owner;
grant execute on function app.context() to bulkhead_vault_reader;
grant execute on function app.context() to bulkhead_vault_writer;

CREATE OR REPLACE FUNCTION app.enter(signed_context text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform set_config('app.context', signed_context, true);
  if app.verified() is null then raise exception 'context refused' using errcode = 'BH001'; end if;
end $function$;
alter function app.enter(text) owner to bulkhead_owner;
grant execute on function app.enter(text) to bulkhead_vault_reader;
grant execute on function app.enter(text) to bulkhead_vault_writer;

CREATE OR REPLACE FUNCTION app.org_id()
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return split_part(app.verified(), E'\n', 1)::uuid;
end $function$;
alter function app.org_id() owner to bulkhead_owner;
grant execute on function app.org_id() to bulkhead_vault_reader;
grant execute on function app.org_id() to bulkhead_vault_writer;

CREATE OR REPLACE FUNCTION app.patterns(payload text, use text, noun text)
 RETURNS text[]
 LANGUAGE plpgsql
 IMMUTABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if position(E'\n' || use || ' *' in payload) > 0 then return '{%}'; end if;
  return coalesce(nullif(split_part(split_part(payload, E'\n' || use || ' ' || noun || ' ', 2), E'\n', 1), ''), '{}');
end $function$;
alter function app.patterns(text,text,text) owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION app.verified()
 RETURNS text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  value text := current_setting('app.context', true);
  payload text := substr(value, 65);
begin
  if value is null or length(value) < 66 then return null; end if;
  if not exists (
    select from platform.context_keys k
    where k.id = 1
      and encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(payload, 'UTF8'))), 'hex') = left(value, 64)
  ) then
    return null;
  end if;
  if split_part(payload, E'\n', 2) <> pg_backend_pid()::text then return null; end if;
  if coalesce(to_timestamp(nullif(split_part(payload, E'\n', 3), '')::float8) < clock_timestamp(), true) then
    return null;
  end if;
  return payload;
end $function$;
alter function app.verified() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION app.visible(noun text)
 RETURNS text[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return app.patterns(app.verified(), 'visible', noun);
end $function$;
alter function app.visible(text) owner to bulkhead_owner;
grant execute on function app.visible(text) to bulkhead_vault_reader;
grant execute on function app.visible(text) to bulkhead_vault_writer;

CREATE OR REPLACE FUNCTION platform.forget_unledgered(ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if app.context()->>'actorType' is distinct from 'SYSTEM' or app.context()->>'purpose' is distinct from 'write' then
    raise exception 'not for this actor' using errcode = 'insufficient_privilege';
  end if;
  delete from platform.unledgered u where u.id = any (ids);
end $function$;
alter function platform.forget_unledgered(uuid[]) owner to bulkhead_owner;
grant execute on function platform.forget_unledgered(uuid[]) to bulkhead_vault_reader;

CREATE OR REPLACE FUNCTION platform.list_unledgered()
 RETURNS TABLE(id uuid, org_id uuid, event text, subject text, at text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if app.context()->>'actorType' is distinct from 'SYSTEM' then
    raise exception 'not for this actor' using errcode = 'insufficient_privilege';
  end if;
  return query
    select u.id, u.org_id, u.event, u.subject, to_char(u.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    from platform.unledgered u order by u.at, u.id limit 1000;
end $function$;
alter function platform.list_unledgered() owner to bulkhead_owner;
grant execute on function platform.list_unledgered() to bulkhead_vault_reader;

CREATE OR REPLACE FUNCTION platform.set_context_key(key bytea)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  block bytea := key || decode(repeat('00', 64 - length(key)), 'hex');
  ipad bytea := decode(repeat('36', 64), 'hex');
  opad bytea := decode(repeat('5c', 64), 'hex');
begin
  if length(key) <> 32 then raise exception 'the context key has 32 bytes'; end if;
  for i in 0..63 loop
    ipad := set_byte(ipad, i, get_byte(ipad, i) # get_byte(block, i));
    opad := set_byte(opad, i, get_byte(opad, i) # get_byte(block, i));
  end loop;
  insert into platform.context_keys as k (id, inner_pad, outer_pad) values (1, ipad, opad)
  on conflict (id) do update set inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad
  where k.inner_pad is distinct from excluded.inner_pad;
end $function$;
alter function platform.set_context_key(bytea) owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION vault.count_by_root_key()
 RETURNS TABLE(root_key_id text, key_pairs bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;
alter function vault.count_by_root_key() owner to bulkhead_owner;
grant execute on function vault.count_by_root_key() to bulkhead_posture;
grant execute on function vault.count_by_root_key() to bulkhead_vault_reader;

CREATE OR REPLACE FUNCTION vault.count_rows()
 RETURNS TABLE(name text, remaining bigint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;
alter function vault.count_rows() owner to bulkhead_owner;
grant execute on function vault.count_rows() to bulkhead_vault_reader;

CREATE OR REPLACE FUNCTION vault.delete_rows()
 RETURNS TABLE(name text, removed bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;
alter function vault.delete_rows() owner to bulkhead_owner;
grant execute on function vault.delete_rows() to bulkhead_vault_reader;

CREATE OR REPLACE FUNCTION vault.deleting_org()
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare context jsonb := app.context();
begin
  if context->>'actorType' is distinct from 'SYSTEM' or context->>'actorId' is distinct from 'deletion'
     or context->>'purpose' is distinct from 'write' then
    return null;
  end if;
  return (context->>'org')::uuid;
end $function$;
alter function vault.deleting_org() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION vault.note_ended_value()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  -- What goes with its whole organization is in the ledger by the deletion.
  if vault.deleting_org() is distinct from old.org_id then
    insert into platform.unledgered (org_id, subject, at) values (old.org_id, old.integration_id || '/' || old.name, now());
  end if;
  return null;
end $function$;
alter function vault.note_ended_value() owner to bulkhead_owner;

CREATE OR REPLACE FUNCTION vault.organizations_to_rewrap(root_key_id text, after uuid, page_size integer)
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;
alter function vault.organizations_to_rewrap(text,uuid,integer) owner to bulkhead_owner;
grant execute on function vault.organizations_to_rewrap(text,uuid,integer) to bulkhead_vault_reader;

CREATE OR REPLACE FUNCTION vault.tables_of_organizations()
 RETURNS TABLE(relation oid, name text)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
alter function vault.tables_of_organizations() owner to bulkhead_owner;

-- default privileges of bulkhead_owner on functions: {bulkhead_owner=X/bulkhead_owner}
