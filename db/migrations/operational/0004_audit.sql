-- The audit log: appended by one function whose owner nobody can log in as; never updated or deleted by a run-time role.
create schema audit;

create table audit.entries (
  org_id uuid not null,
  id uuid not null default gen_random_uuid(),
  at timestamptz not null default clock_timestamp(),
  actor_type text not null check (actor_type in ('API_KEY', 'OPERATOR', 'SYSTEM')),
  actor_id text not null,
  action text not null check (char_length(action) between 1 and 100),
  resource text not null check (char_length(resource) <= 400),
  outcome text not null check (outcome in ('INTENDED', 'SUCCEEDED', 'REFUSED', 'FAILED')),
  code text,
  client_address text,
  request_id text not null,
  -- JSON text exactly as it was written; above 32 KiB only its SHA-256 and size are kept.
  change text not null check (octet_length(change) <= 32768),
  -- 244 random bits: what is sealed of `change` and `client_address` is a hash that nobody can guess the content of.
  salt bytea not null default uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) check (length(salt) = 32),
  primary key (org_id, id)
);
create index entries_time on audit.entries (org_id, at desc, id desc);

-- Ingest is counted by hour and actor, not written row by row.
create table audit.usage (
  org_id uuid not null,
  hour timestamptz not null,
  actor_type text not null,
  actor_id text not null,
  action text not null,
  calls bigint not null,
  amount bigint not null,
  primary key (org_id, hour, actor_id, action)
);

alter table audit.entries enable row level security;
alter table audit.entries force row level security;
alter table audit.usage enable row level security;
alter table audit.usage force row level security;

create policy visible on audit.entries for select to bulkhead_gateway
  using (org_id = (select app.org_id()) and 'AUDIT' like any ((select app.visible('AUDIT'))::text[]));
create policy appended on audit.entries for insert to bulkhead_audit
  with check (org_id = (select app.org_id()));
create policy visible on audit.usage for select to bulkhead_gateway
  using (org_id = (select app.org_id()) and 'AUDIT' like any ((select app.visible('AUDIT'))::text[]));
create policy counted on audit.usage for select to bulkhead_audit using (org_id = (select app.org_id()));
create policy appended on audit.usage for insert to bulkhead_audit with check (org_id = (select app.org_id()));
create policy added on audit.usage for update to bulkhead_audit using (org_id = (select app.org_id()));

-- Who, for which organization, from where: all taken from the signed context, so that no caller can write another name.
-- The entry waits to be sealed in a table of its own: whatever the order of commits, none is skipped.
create function audit.append(action text, resource text, outcome text, code text, change text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  context jsonb := app.context();
  entry uuid := gen_random_uuid();
begin
  if context is null then raise exception 'context refused' using errcode = 'BH001'; end if;
  insert into audit.entries (org_id, id, actor_type, actor_id, action, resource, outcome, code, client_address, request_id, change)
  values ((context->>'org')::uuid, entry, context->>'actorType', context->>'actorId', append.action, append.resource,
          append.outcome, append.code, context->>'clientAddress', context->>'requestId', append.change);
  insert into platform.unsealed_entries (org_id, entry_id) values ((context->>'org')::uuid, entry);
end $$;

create function audit.count_usage(action text, amount bigint) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare context jsonb := app.context();
begin
  if context is null then raise exception 'context refused' using errcode = 'BH001'; end if;
  insert into audit.usage as u (org_id, hour, actor_type, actor_id, action, calls, amount)
  values ((context->>'org')::uuid, date_trunc('hour', clock_timestamp(), 'UTC'), context->>'actorType', context->>'actorId',
          count_usage.action, 1, count_usage.amount)
  on conflict (org_id, hour, actor_id, action)
  do update set calls = u.calls + 1, amount = u.amount + excluded.amount;
end $$;

grant usage on schema audit to bulkhead_gateway, bulkhead_worker;
grant usage, create on schema audit to bulkhead_audit;
grant usage on schema app to bulkhead_audit;
grant insert on audit.entries to bulkhead_audit;
grant select, insert, update on audit.usage to bulkhead_audit;
grant execute on function app.context(), app.org_id() to bulkhead_audit;
-- Here and not with the other grants: afterwards they are those of a role that the owner has to become first.
grant execute on function audit.append(text, text, text, text, text) to bulkhead_gateway, bulkhead_worker;
grant execute on function audit.count_usage(text, bigint) to bulkhead_gateway;
alter function audit.append(text, text, text, text, text) owner to bulkhead_audit;
alter function audit.count_usage(text, bigint) owner to bulkhead_audit;
revoke create on schema audit from bulkhead_audit;
