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

-- `app.context` holds 64 hex digits of HMAC-SHA-256 and the JSON payload they sign.
create function app.context() returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  value text := current_setting('app.context', true);
  payload text;
  pads record;
  parsed jsonb;
begin
  if value is null or length(value) < 66 then return null; end if;
  payload := substr(value, 65);
  select inner_pad, outer_pad into pads from platform.context_keys where id = 1;
  if encode(sha256(pads.outer_pad || sha256(pads.inner_pad || convert_to(payload, 'UTF8'))), 'hex')
     is distinct from left(value, 64) then
    return null;
  end if;
  parsed := payload::jsonb;
  if (parsed->>'pid')::integer is distinct from pg_backend_pid() then return null; end if;
  if coalesce((parsed->>'expires')::float8, 0) < extract(epoch from clock_timestamp()) then return null; end if;
  return parsed;
end $$;

create function app.org_id() returns uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
return (app.context()->>'org')::uuid;

-- LIKE patterns over canonical resource paths that the context grants for any of the actions on the noun.
create function app.patterns(context jsonb, noun text, actions text[]) returns text[]
language sql immutable security definer set search_path = pg_catalog, pg_temp
return (
  select coalesce(array_agg(pattern), '{}')
  from unnest(actions) action,
       jsonb_array_elements_text(coalesce(context->'grants'->action->noun, '[]')
                                 || coalesce(context->'grants'->action->'*', '[]')) pattern
);

-- What a query may see: in a read what is readable; in a write also what is writable, because PostgreSQL applies
-- SELECT policies to `update … where` and `returning`.
create function app.visible(noun text) returns text[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare context jsonb := app.context();
begin
  return app.patterns(context, noun,
    case context->>'purpose' when 'write' then array['read', 'write', 'admin'] when 'read' then array['read'] else '{}' end);
end $$;

-- What a query may change with the action (`write` or `admin`): nothing unless its purpose is to write.
create function app.changeable(noun text, action text) returns text[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare context jsonb := app.context();
begin
  return app.patterns(context, noun, case context->>'purpose' when 'write' then array[action] else '{}' end);
end $$;

revoke all on all functions in schema app, platform from public;
