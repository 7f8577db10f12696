-- Idempotency keys: which mutation an organization has sent under which key, and what came of it. A row is written in
-- the transaction of the effect, so it is there if and only if the effect is. Only functions reach the table.
create table app.idempotency_keys (
  org_id uuid not null references app.organizations (org_id) on delete restrict,
  -- Printable ASCII, as the gateway has read it from the header.
  key text not null check (key ~ '^[ -~]{1,255}$'),
  -- HMAC-SHA-256 of operation, variables and API key, with a key that the database does not have.
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  -- The request that holds the key, and what its API key might do then.
  request_id text not null,
  scopes jsonb not null,
  -- When it was claimed first; a request that takes the key over goes on with what that one has begun.
  begun_at timestamptz not null,
  -- Until when the request counts as running; after that another may take the key over.
  leased_until timestamptz not null,
  expires_at timestamptz not null,
  -- Whether the effect is committed, and what its answer can be made of again.
  is_done boolean not null default false,
  reference jsonb,
  -- The answer, encrypted by the gateway; null if it was never stored.
  answer bytea check (octet_length(answer) <= 33000),
  primary key (org_id, key),
  check (is_done or answer is null)
);
create index idempotency_keys_expiry on app.idempotency_keys (org_id, expires_at);

alter table app.idempotency_keys enable row level security;
alter table app.idempotency_keys force row level security;
create policy known_to_owner on app.idempotency_keys for select to bulkhead_owner
  using (org_id = (select app.org_id()));
create policy created on app.idempotency_keys for insert to bulkhead_owner
  with check (org_id = (select app.org_id()));
create policy changed on app.idempotency_keys for update to bulkhead_owner
  using (org_id = (select app.org_id()));
create policy removed on app.idempotency_keys for delete to bulkhead_owner
  using (org_id = (select app.org_id()));

-- The organization and the request of a context that writes.
create function app.writing_request(out org_id uuid, out request_id text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare context jsonb := app.context();
begin
  if context is null or context->>'purpose' <> 'write' then
    raise exception 'context refused' using errcode = 'BH001';
  end if;
  org_id := (context->>'org')::uuid;
  request_id := context->>'requestId';
end $$;

-- Claims a key for the request of the context: for 24 hours, and for 60 seconds as running. Rolled back with the
-- transaction, the claim was never there; while the transaction runs, its advisory lock keeps others out. Answers since
-- when another request was at it that ended in between; null if there was none.
create function app.claim_idempotency_key(key text, fingerprint bytea, scopes text) returns timestamptz
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  request record := app.writing_request();
  held app.idempotency_keys;
begin
  if not pg_try_advisory_xact_lock(
    hashtextextended('bulkhead:idempotency:' || request.org_id || ':' || claim_idempotency_key.key, 0)) then
    raise exception 'the key is in use' using errcode = 'BH011';
  end if;
  select * into held from app.idempotency_keys k
  where k.org_id = request.org_id and k.key = claim_idempotency_key.key and k.expires_at > clock_timestamp();
  if held.key is not null then
    if held.fingerprint <> claim_idempotency_key.fingerprint then
      raise exception 'the key is of another request' using errcode = 'BH010';
    end if;
    if held.answer is null and held.leased_until > clock_timestamp() then
      raise exception 'the key is in use' using errcode = 'BH011';
    end if;
    if held.is_done then raise exception 'the request was carried out' using errcode = 'BH012'; end if;
  end if;
  insert into app.idempotency_keys as k
    (org_id, key, fingerprint, request_id, scopes, begun_at, leased_until, expires_at)
  values (request.org_id, claim_idempotency_key.key, claim_idempotency_key.fingerprint, request.request_id,
          claim_idempotency_key.scopes::jsonb, coalesce(held.begun_at, clock_timestamp()),
          clock_timestamp() + interval '60 seconds', clock_timestamp() + interval '24 hours')
  on conflict (org_id, key) do update
  set fingerprint = excluded.fingerprint, request_id = excluded.request_id, scopes = excluded.scopes,
      begun_at = excluded.begun_at, leased_until = excluded.leased_until, expires_at = excluded.expires_at,
      is_done = false, reference = null, answer = null;
  return held.begun_at;
end $$;

-- Marks the effect of the request as done, in the transaction of the effect. Its answer is due within 15 seconds. Refuses
-- a request whose claim was taken over meanwhile, and with it the effect.
create function app.finish_idempotency_key(key text, reference text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare request record := app.writing_request();
begin
  update app.idempotency_keys k
  set is_done = true, reference = finish_idempotency_key.reference::jsonb,
      leased_until = clock_timestamp() + interval '15 seconds'
  where k.org_id = request.org_id and k.key = finish_idempotency_key.key and k.request_id = request.request_id
    and not k.is_done;
  if not found then raise exception 'the key was taken over' using errcode = 'BH011'; end if;
end $$;

-- Ends the running of the request and keeps its answer. Without one, a request that is done is answered from its
-- reference from now on, and one that is not may be sent again.
create function app.settle_idempotency_key(key text, answer bytea) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare request record := app.writing_request();
begin
  update app.idempotency_keys k
  set is_done = k.is_done or settle_idempotency_key.answer is not null, answer = settle_idempotency_key.answer,
      leased_until = clock_timestamp()
  where k.org_id = request.org_id and k.key = settle_idempotency_key.key and k.request_id = request.request_id;
end $$;

-- What came of the request that was done under a key.
create function app.idempotent_outcome(key text, out scopes jsonb, out reference jsonb, out answer bytea)
returns setof record
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select k.scopes, k.reference, k.answer from app.idempotency_keys k
  where k.org_id = (select app.org_id()) and k.key = idempotent_outcome.key and k.is_done
    and k.expires_at > clock_timestamp()
$$;

-- Removes the keys of the organization that have expired by the given moment, and by the clock of the database: one that
-- is removed too early could be carried out twice.
create function app.expire_idempotency_keys(now timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare removed bigint;
begin
  perform platform.require_actor(array['SYSTEM']);
  delete from app.idempotency_keys k
  where k.org_id = app.org_id() and k.expires_at <= least(expire_idempotency_keys.now, clock_timestamp());
  get diagnostics removed = row_count;
  return removed;
end $$;

revoke all on function
  app.writing_request(), app.claim_idempotency_key(text, bytea, text), app.finish_idempotency_key(text, text),
  app.settle_idempotency_key(text, bytea), app.idempotent_outcome(text), app.expire_idempotency_keys(timestamptz)
from public;
grant execute on function
  app.claim_idempotency_key(text, bytea, text), app.finish_idempotency_key(text, text),
  app.settle_idempotency_key(text, bytea), app.idempotent_outcome(text)
to bulkhead_gateway;
grant execute on function app.expire_idempotency_keys(timestamptz) to bulkhead_worker;
