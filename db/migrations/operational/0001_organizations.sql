-- Organizations, their API keys and the door `app.enter`.
create table app.organizations (
  org_id uuid primary key,
  name text not null check (char_length(name) between 1 and 200),
  display_name text check (char_length(display_name) between 1 and 200),
  logo_url text check (char_length(logo_url) <= 2048),
  primary_color text check (primary_color ~ '^#[0-9a-f]{6}$'),
  secondary_color text check (secondary_color ~ '^#[0-9a-f]{6}$'),
  retention_days integer not null default 365 check (retention_days between 1 and 3650),
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz,
  updated_by text
);

create table app.api_keys (
  org_id uuid not null references app.organizations (org_id) on delete restrict,
  id text not null check (id ~ '^[0-9A-Za-z]{12}$'),
  type text not null check (type in ('EXTERNAL', 'ADMIN')),
  name text not null check (char_length(name) between 1 and 200),
  scopes jsonb not null check (jsonb_typeof(scopes) = 'array' and jsonb_array_length(scopes) between 1 and 64),
  allowed_cidrs text[] not null default '{}',
  expires_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  last_used_at timestamptz,
  rotated_at timestamptz,
  -- Counts the changes: contexts carry it, so that no transaction begins with what a key was before.
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz,
  updated_by text,
  primary key (org_id, id)
);

-- Hashes of secrets: written by the gateway, read only by `platform.authenticate`. A rotation adds a row and lets the
-- row before end at `valid_until`.
create table app.api_key_secrets (
  org_id uuid not null,
  key_id text not null,
  id uuid not null,
  secret_hash bytea not null check (length(secret_hash) = 32),
  valid_until timestamptz,
  created_at timestamptz not null default now(),
  primary key (org_id, key_id, id),
  foreign key (org_id, key_id) references app.api_keys (org_id, id) on delete restrict
);

-- Which organization a key id belongs to: the one thing to be known before the organization is.
create table platform.api_key_owners (
  key_id text primary key,
  org_id uuid not null
);

alter table app.organizations enable row level security;
alter table app.organizations force row level security;
alter table app.api_keys enable row level security;
alter table app.api_keys force row level security;
alter table app.api_key_secrets enable row level security;
alter table app.api_key_secrets force row level security;

create policy visible on app.organizations for select to bulkhead_gateway, bulkhead_worker
  using (org_id = (select app.org_id()) and 'ORGANIZATION/' || org_id like any ((select app.visible('ORGANIZATION'))::text[]));
create policy created on app.organizations for insert to bulkhead_gateway
  with check (org_id = (select app.org_id()) and 'ORGANIZATION/' || org_id like any ((select app.changeable('ORGANIZATION', 'admin'))::text[]));
create policy changed on app.organizations for update to bulkhead_gateway
  using (org_id = (select app.org_id()) and 'ORGANIZATION/' || org_id like any ((select app.changeable('ORGANIZATION', 'write'))::text[]
         || (select app.changeable('ORGANIZATION', 'admin'))::text[]));
create policy known_to_owner on app.organizations for select to bulkhead_owner
  using (org_id = (select app.org_id()));

create policy visible on app.api_keys for select to bulkhead_gateway
  using (org_id = (select app.org_id()) and 'APIKEY/' || id like any ((select app.visible('APIKEY'))::text[]));
create policy created on app.api_keys for insert to bulkhead_gateway
  with check (org_id = (select app.org_id()) and 'APIKEY/' || id like any ((select app.changeable('APIKEY', 'admin'))::text[]));
create policy changed on app.api_keys for update to bulkhead_gateway
  using (org_id = (select app.org_id()) and 'APIKEY/' || id like any ((select app.changeable('APIKEY', 'admin'))::text[]));

create policy visible on app.api_key_secrets for select to bulkhead_gateway
  using (org_id = (select app.org_id()) and 'APIKEY/' || key_id like any ((select app.visible('APIKEY'))::text[]));
create policy created on app.api_key_secrets for insert to bulkhead_gateway
  with check (org_id = (select app.org_id()) and 'APIKEY/' || key_id like any ((select app.changeable('APIKEY', 'admin'))::text[]));
create policy changed on app.api_key_secrets for update to bulkhead_gateway
  using (org_id = (select app.org_id()) and 'APIKEY/' || key_id like any ((select app.changeable('APIKEY', 'admin'))::text[]));

-- A key that is revoked stays so, since when and by whom.
create function app.keep_revoked() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if old.revoked_at is not null
     and (new.revoked_at, new.revoked_by) is distinct from (old.revoked_at, old.revoked_by) then
    raise exception 'a key is revoked for good' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger keep_revoked before update on app.api_keys for each row execute function app.keep_revoked();

-- The end of a secret comes no later than it was said to.
create function app.keep_end_of_secret() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if old.valid_until is not null and coalesce(new.valid_until, 'infinity') > old.valid_until then
    raise exception 'a secret is not prolonged' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger keep_end_of_secret before update on app.api_key_secrets
  for each row execute function app.keep_end_of_secret();

-- Every change of a key but the note of its use gives it a new revision, and tells those who remember it: a gateway that
-- misses the notice is refused by `app.enter`.
create function app.revise_api_key() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if to_jsonb(new) - 'last_used_at' is distinct from to_jsonb(old) - 'last_used_at' then
    -- Nobody but the administrator can set it: a replay of the ledger goes beyond all that it has seen.
    new.revision := greatest(old.revision + 1, new.revision);
    perform pg_notify('bulkhead_api_keys', new.id);
  end if;
  return new;
end $$;
create trigger revise before update on app.api_keys for each row execute function app.revise_api_key();

-- A secret that ends sooner is a change of its key.
create function app.revise_key_of_secret() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if new.valid_until is distinct from old.valid_until then
    update app.api_keys k set revision = k.revision + 1 where k.org_id = new.org_id and k.id = new.key_id;
  end if;
  return new;
end $$;
create trigger revise after update on app.api_key_secrets for each row execute function app.revise_key_of_secret();

-- The owner's functions see the keys of the signed context's organization, or of the one that `platform.authenticate`
-- looks up. Only code that runs as the owner is under these policies: the setting is of no use to anybody else.
create function platform.lookup_org() returns uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
return coalesce(nullif(current_setting('app.lookup_org', true), '')::uuid, app.org_id());

create policy known_to_owner on app.api_keys for select to bulkhead_owner
  using (org_id = (select platform.lookup_org()));
create policy used on app.api_keys for update to bulkhead_owner
  using (org_id = (select app.org_id()));
create policy known_to_owner on app.api_key_secrets for select to bulkhead_owner
  using (org_id = (select platform.lookup_org()));

-- A key by its id and the SHA-256 of the presented secret: no row for an unknown id or a wrong secret. Revoked and
-- expired keys are returned with their state, so that the answer to the caller is the gateway's to choose. An active one
-- ends after some milliseconds, by its own expiry or its secret's; null for never.
create function platform.authenticate(presented_id text, presented_hash bytea)
returns table (org_id uuid, id text, type text, name text, scopes jsonb, allowed_cidrs text[], active boolean,
  revision bigint, ends_after_ms float8)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare found_org uuid;
begin
  select o.org_id into found_org from platform.api_key_owners o where o.key_id = presented_id;
  if found_org is null then return; end if;
  perform set_config('app.lookup_org', found_org::text, true);
  return query
    select k.org_id, k.id, k.type, k.name, k.scopes, k.allowed_cidrs,
           k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp()),
           k.revision, extract(epoch from least(k.expires_at, s.valid_until) - clock_timestamp())::float8 * 1000
    from app.api_keys k
    join app.api_key_secrets s on s.org_id = k.org_id and s.key_id = k.id
    where k.org_id = found_org and k.id = presented_id and s.secret_hash = presented_hash
      and (s.valid_until is null or s.valid_until > clock_timestamp());
  perform set_config('app.lookup_org', '', true);
end $$;

-- Makes a new key id findable; only for the organization of the context.
create function platform.register_api_key(key_id text) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  insert into platform.api_key_owners (key_id, org_id) select $1, app.org_id() where app.org_id() is not null;
end;

-- Enters the context for the rest of the transaction. BH001: it does not verify; BH002: its key is no longer active;
-- BH003: its key has changed since it was looked up; BH004: its organization was deleted, and only the deletion, the
-- sealing of its audit log and the record of jobs still write for it. Whoever writes holds a lock of its organization
-- that a deletion waits for.
-- A session can carry values of its own in the settings that policies of the owner look at: they end here.
create function app.enter(signed_context text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  payload text;
  current bigint;
begin
  perform set_config('app.lookup_org', '', true), set_config('app.listing', '', true),
          set_config('app.context', signed_context, true);
  payload := app.verified();
  if payload is null then raise exception 'context refused' using errcode = 'BH001'; end if;
  if split_part(payload, E'\n', 4) = 'write' and not (split_part(payload, E'\n', 6) = 'SYSTEM'
     and split_part(payload, E'\n', 7) in ('deletion', 'sealing', 'jobs')) then
    perform pg_advisory_xact_lock_shared(hashtextextended('bulkhead:writers:' || split_part(payload, E'\n', 1), 0));
    if exists (select from platform.deletions d where d.org_id = split_part(payload, E'\n', 1)::uuid) then
      raise exception 'deleted' using
        errcode = case split_part(payload, E'\n', 6) when 'API_KEY' then 'BH002' else 'BH004' end;
    end if;
  end if;
  if split_part(payload, E'\n', 6) = 'API_KEY' then
    select k.revision into current from app.api_keys k
    where k.org_id = split_part(payload, E'\n', 1)::uuid and k.id = split_part(payload, E'\n', 7)
      and k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp());
    if not found then raise exception 'key not active' using errcode = 'BH002'; end if;
    if current::text <> split_part(payload, E'\n', 5) then
      raise exception 'key has changed' using errcode = 'BH003';
    end if;
  end if;
end $$;

-- The bounds of the key of the context, by which it bounds the keys that it makes: it may not be able to read itself. No
-- row for an operator or the system, which have none.
create function app.calling_key() returns table (allowed_cidrs text[], expires_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare context jsonb := app.context();
begin
  return query
    select k.allowed_cidrs, k.expires_at from app.api_keys k
    where context->>'actorType' = 'API_KEY' and k.org_id = (context->>'org')::uuid and k.id = context->>'actorId';
end $$;

-- Notes that the key of the context was used; at most one write a minute and key.
create function app.touch_api_key() returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  update app.api_keys set last_used_at = clock_timestamp()
  where org_id = app.org_id() and id = app.context()->>'actorId'
    and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute');
end;
