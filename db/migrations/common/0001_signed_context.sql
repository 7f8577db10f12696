-- The signed context: who acts for which organization, with which scopes, for how long. Node signs it with a key that
-- run-time roles cannot read; policies call the functions below behind a sub-select, so that each is evaluated once a
-- query. A context that is missing, altered, expired or made for another connection yields null: no rows.
revoke all on schema public from public;
alter default privileges for role bulkhead_owner revoke execute on functions from public;

create schema app;
create schema if not exists platform;

-- HMAC pads (RFC 2104) of the context key; only the owner reads them.
create table platform.context_keys (
  id integer primary key check (id = 1),
  inner_pad bytea not null check (length(inner_pad) = 64),
  outer_pad bytea not null check (length(outer_pad) = 64)
);

create function platform.set_context_key(key bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
end $$;

-- The payload of `app.context` if it verifies, else null. The setting holds 64 hex digits of HMAC-SHA-256 and the payload
-- that they sign, which is lines: organization, process id of the backend, expiry in seconds, purpose, revision of the
-- key, type of the actor, its id, request, client address; then a line for each use (`visible`, `write`, `admin`) and
-- noun, with LIKE patterns as an array, or `*` for everything. Lines, since policies read them in every query and JSON
-- takes longer to parse than all else here together.
create function app.verified() returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
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
end $$;

-- Who acts, and for which organization.
create function app.context() returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  fields text[] := string_to_array(app.verified(), E'\n', '');
begin
  if fields is null then return null; end if;
  return jsonb_build_object('org', fields[1], 'purpose', fields[4], 'actorType', fields[6], 'actorId', fields[7],
                            'requestId', fields[8], 'clientAddress', fields[9]);
end $$;

create function app.org_id() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return split_part(app.verified(), E'\n', 1)::uuid;
end $$;

-- The patterns that a payload has for a use and a noun.
create function app.patterns(payload text, use text, noun text) returns text[]
language plpgsql immutable security definer set search_path = pg_catalog, pg_temp as $$
begin
  if position(E'\n' || use || ' *' in payload) > 0 then return '{%}'; end if;
  return coalesce(nullif(split_part(split_part(payload, E'\n' || use || ' ' || noun || ' ', 2), E'\n', 1), ''), '{}');
end $$;

-- What a query may see: in a read what is readable; in a write also what is writable, because PostgreSQL applies
-- SELECT policies to `update … where` and `returning`.
create function app.visible(noun text) returns text[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return app.patterns(app.verified(), 'visible', noun);
end $$;

-- What a query may change with the action (`write` or `admin`): nothing unless its purpose is to write.
create function app.changeable(noun text, action text) returns text[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare payload text := app.verified();
begin
  if split_part(payload, E'\n', 4) = 'write' and action in ('write', 'admin') then
    return app.patterns(payload, action, noun);
  end if;
  return '{}';
end $$;

revoke all on all functions in schema app, platform from public;
