-- Integrations at work: mappings, deliveries to third parties, what came in from them, and the queue of all that.

-- Which thing or place a third party means by an id of its own.
create table app.resource_mappings (
  org_id uuid not null,
  id uuid not null,
  direction text not null,
  type text not null,
  integration_id uuid not null,
  third_party_id text check (char_length(third_party_id) between 1 and 200),
  resource_third_party_id text not null check (char_length(resource_third_party_id) between 1 and 200),
  resource_type text not null,
  thing_id uuid,
  place_id uuid,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  created_by text not null,
  primary key (org_id, id),
  unique nulls not distinct (org_id, integration_id, third_party_id, resource_third_party_id, thing_id, place_id),
  check ((thing_id is null) <> (place_id is null)),
  foreign key (org_id, direction, type, integration_id)
    references app.integrations (org_id, direction, type, id) on delete cascade,
  foreign key (org_id, thing_id) references app.things (org_id, id) on delete cascade,
  foreign key (org_id, place_id) references app.places (org_id, id) on delete cascade
);
create index resource_mappings_integration on app.resource_mappings (org_id, integration_id, id);
create index resource_mappings_thing on app.resource_mappings (org_id, thing_id) where thing_id is not null;
create index resource_mappings_place on app.resource_mappings (org_id, place_id) where place_id is not null;

-- Events on their way to third parties, and the log of those that have arrived or failed. The body is kept only while it
-- is still to be sent.
create table app.deliveries (
  org_id uuid not null,
  id uuid not null,
  direction text not null default 'EGRESS' check (direction = 'EGRESS'),
  type text not null,
  integration_id uuid not null,
  event_type text not null check (char_length(event_type) between 1 and 100),
  is_test boolean not null default false,
  status text not null check (status in ('PENDING', 'DELIVERED', 'FAILED')),
  body text,
  attempts integer not null default 0,
  http_status integer,
  failure text check (char_length(failure) <= 200),
  due_at timestamptz,
  last_attempt_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  primary key (org_id, id),
  check ((status = 'PENDING') = (body is not null) and (status = 'PENDING') = (due_at is not null)),
  foreign key (org_id, direction, type, integration_id)
    references app.integrations (org_id, direction, type, id) on delete cascade
);
create index deliveries_integration on app.deliveries (org_id, integration_id, id);
create index deliveries_pending on app.deliveries (org_id) where status = 'PENDING';

-- Events that third parties have sent and signed. An event id is accepted once; the document is kept until it is applied.
create table app.inbound_events (
  org_id uuid not null,
  id uuid not null,
  direction text not null default 'INGRESS' check (direction = 'INGRESS'),
  type text not null,
  integration_id uuid not null,
  event_id text not null check (char_length(event_id) between 1 and 256),
  status text not null check (status in ('PENDING', 'RECEIVED', 'APPLIED', 'FAILED')),
  body bytea,
  attempts integer not null default 0,
  report jsonb,
  failure text check (char_length(failure) <= 500),
  due_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (org_id, id),
  unique (org_id, integration_id, event_id),
  check ((status = 'PENDING') = (body is not null) and (status = 'PENDING') = (due_at is not null)),
  foreign key (org_id, direction, type, integration_id)
    references app.integrations (org_id, direction, type, id) on delete cascade
);
create index inbound_events_integration on app.inbound_events (org_id, integration_id, id);

-- What came to a hook and is not verified yet: the gateway hands it over and waits for the verdict of the worker, which
-- alone can open secrets. Lost in a crash, like the connection of the sender, who sends it again.
create unlogged table app.hook_posts (
  org_id uuid not null,
  id uuid not null,
  integration_id uuid not null,
  client_address text not null,
  headers jsonb not null,
  body bytea not null,
  verdict text check (verdict in ('ACCEPTED', 'REFUSED', 'LIMITED')),
  retry_after_ms integer,
  due_at timestamptz default clock_timestamp(),
  created_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id),
  foreign key (org_id, integration_id) references app.integrations (org_id, id) on delete cascade
);
create index hook_posts_integration on app.hook_posts (org_id, integration_id);

do $$
declare
  entry record;
  path text := '''INTEGRATION/'' || direction || ''/'' || type || ''/'' || integration_id';
begin
  for entry in values
    ('resource_mappings', 'bulkhead_gateway, bulkhead_worker', 'bulkhead_gateway', null, 'bulkhead_gateway'),
    ('deliveries', 'bulkhead_gateway, bulkhead_worker', 'bulkhead_gateway, bulkhead_worker', 'bulkhead_worker', null),
    ('inbound_events', 'bulkhead_gateway, bulkhead_worker', 'bulkhead_worker', 'bulkhead_gateway', null)
  loop
    execute format('alter table app.%I enable row level security', entry.column1);
    execute format('alter table app.%I force row level security', entry.column1);
    execute format('create policy visible on app.%I for select to %s using (org_id = (select app.org_id()) and case when %s like any ((select app.visible(''INTEGRATION''))::text[]) then true end)', entry.column1, entry.column2, path);
    execute format('create policy created on app.%I for insert to %s with check (org_id = (select app.org_id()) and %s like any ((select app.changeable(''INTEGRATION'', ''write''))::text[]))', entry.column1, entry.column3, path);
    if entry.column4 is not null then
      execute format('create policy changed on app.%I for update to %s using (org_id = (select app.org_id()) and %s like any ((select app.changeable(''INTEGRATION'', ''write''))::text[]))', entry.column1, entry.column4, path);
    end if;
    if entry.column5 is not null then
      execute format('create policy removed on app.%I for delete to %s using (org_id = (select app.org_id()) and %s like any ((select app.changeable(''INTEGRATION'', ''write''))::text[]))', entry.column1, entry.column5, path);
    end if;
    execute format('create policy known_to_owner on app.%I for select to bulkhead_owner using (org_id = (select app.org_id()))', entry.column1);
  end loop;
end $$;

alter table app.hook_posts enable row level security;
alter table app.hook_posts force row level security;
create policy visible on app.hook_posts for select to bulkhead_worker using (org_id = (select app.org_id()));
create policy changed on app.hook_posts for update to bulkhead_worker using (org_id = (select app.org_id()));
create policy handed_over on app.hook_posts for all to bulkhead_owner
  using (org_id = (select app.org_id())) with check (org_id = (select app.org_id()));

-- The worker delivers and disables on behalf of the organization.
alter policy visible on app.integrations to bulkhead_gateway, bulkhead_worker;
alter policy changed on app.integrations to bulkhead_gateway, bulkhead_worker;

-- Where a hook leads: there as long as it accepts anything. The one thing to be known before the organization is.
create table platform.hooks (
  integration_id uuid primary key,
  org_id uuid not null
);

create function platform.follow_hook() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op <> 'DELETE' and new.is_enabled and new.direction = 'INGRESS' and new.type = 'WEBHOOK' then
    insert into platform.hooks (integration_id, org_id) values (new.id, new.org_id) on conflict do nothing;
  else
    delete from platform.hooks h where h.integration_id = old.id and h.org_id = old.org_id;
  end if;
  return null;
end $$;
create trigger follow_hook after insert or update of is_enabled or delete on app.integrations
  for each row execute function platform.follow_hook();

-- What worker and gateways have to do, ids only: a row for each row with a moment in `due_at`, kept in step by triggers. Whoever
-- works on it holds a lease, so what a killed worker was at is taken up by another.
create table platform.integration_work (
  org_id uuid not null,
  kind text not null check (kind in ('POST', 'EVENT', 'DELIVERY')),
  id uuid not null,
  integration_id uuid not null,
  due_at timestamptz not null,
  leased_until timestamptz,
  primary key (org_id, kind, id)
);
create index integration_work_due on platform.integration_work (due_at);
create index integration_work_leased on platform.integration_work (leased_until) where leased_until is not null;

create function platform.follow_work() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'DELETE' or (tg_op = 'UPDATE' and new.due_at is null) then
    delete from platform.integration_work w where w.org_id = old.org_id and w.kind = tg_argv[0] and w.id = old.id;
  elsif new.due_at is not null then
    insert into platform.integration_work (org_id, kind, id, integration_id, due_at)
    values (new.org_id, tg_argv[0], new.id, new.integration_id, new.due_at)
    on conflict (org_id, kind, id) do update set due_at = excluded.due_at, leased_until = null;
    if new.due_at <= clock_timestamp() then perform pg_notify('bulkhead_integration_work', ''); end if;
  end if;
  return null;
end $$;
create trigger follow_work after insert or update of due_at or delete on app.hook_posts
  for each row execute function platform.follow_work('POST');
create trigger follow_work after insert or update of due_at or delete on app.inbound_events
  for each row execute function platform.follow_work('EVENT');
create trigger follow_work after insert or update of due_at or delete on app.deliveries
  for each row execute function platform.follow_work('DELIVERY');

-- Leases what is due, oldest first: at most 4 of an integration and 8 of an organization at a time and kind, so that an
-- endpoint that does not answer holds up nothing but itself. One claim at a time, or two would each count without the other.
create function platform.claim_integration_work(capacity integer, kinds text[])
returns table (kind text, org_id uuid, integration_id uuid, id uuid)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare clock timestamptz;
begin
  perform platform.require_actor(array['SYSTEM']);
  perform pg_advisory_xact_lock(hashtextextended('bulkhead:integration work', 0));
  clock := clock_timestamp();
  return query
    with running as (
      select w.kind, w.org_id, w.integration_id, count(*) as leased from platform.integration_work w
      where w.leased_until > clock group by 1, 2, 3
    ), due as (
      select w.kind, w.org_id, w.integration_id, w.id, w.due_at,
             row_number() over (partition by w.kind, w.org_id, w.integration_id order by w.due_at, w.id) as rank
      from platform.integration_work w
      where w.kind = any (kinds) and w.due_at <= clock and (w.leased_until is null or w.leased_until <= clock)
        and not exists (select from platform.deletions d where d.org_id = w.org_id)
    ), of_integration as (
      select d.* from due d
      left join running r on r.kind = d.kind and r.org_id = d.org_id and r.integration_id = d.integration_id
      where d.rank + coalesce(r.leased, 0) <= 4
    ), of_organization as (
      select i.kind, i.org_id, i.integration_id, i.id, i.due_at,
             row_number() over (partition by i.kind, i.org_id order by i.due_at, i.id) + coalesce((
               select sum(r.leased) from running r where r.kind = i.kind and r.org_id = i.org_id), 0) as rank
      from of_integration i
    ), chosen as (
      select o.kind, o.org_id, o.id from of_organization o where o.rank <= 8 order by o.due_at, o.id limit capacity
    )
    update platform.integration_work w set leased_until = clock + interval '60 seconds'
    from chosen c where w.org_id = c.org_id and w.kind = c.kind and w.id = c.id
    returning w.kind, w.org_id, w.integration_id, w.id;
end $$;

-- Gives work back that was claimed and not done, because the worker stops.
create function platform.release_integration_work(kind text, id uuid) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  update platform.integration_work w set leased_until = null
  where w.org_id = app.org_id() and w.kind = release_integration_work.kind and w.id = release_integration_work.id;
end;

-- Organization of a hook that accepts; before an organization is known.
create function platform.find_hook(hook uuid) returns uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
return (select h.org_id from platform.hooks h where h.integration_id = hook);

-- Hands a post over to the worker. Null for a hook that no longer accepts; `is_full` where too much waits already: 100
-- posts of a hook, 60 of one address at a hook, 200 of an organization. The lock on the hook keeps the count exact.
create function app.receive_post(hook uuid, post uuid, client_address text, headers jsonb, body bytea)
returns table (is_full boolean)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := app.org_id();
  waiting record;
begin
  perform from platform.hooks h where h.integration_id = hook and h.org_id = org and app.is_writing() for update;
  if not found then return; end if;
  select count(*) as of_organization, count(*) filter (where p.integration_id = hook) as of_hook,
         count(*) filter (where p.integration_id = hook and p.client_address = receive_post.client_address) as of_address
  into waiting from app.hook_posts p where p.org_id = org and p.due_at is not null;
  if waiting.of_organization >= 200 or waiting.of_hook >= 100 or waiting.of_address >= 60 then
    return query select true;
  else
    insert into app.hook_posts (org_id, id, integration_id, client_address, headers, body)
    values (org, post, hook, receive_post.client_address, receive_post.headers, receive_post.body);
    return query select false;
  end if;
end $$;

-- The verdict on a post, which ends with it; with `give_up` the post ends without one, too.
create function app.take_verdict(post uuid, give_up boolean) returns table (verdict text, retry_after_ms integer)
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  delete from app.hook_posts p
  where p.org_id = app.org_id() and p.id = post and (p.verdict is not null or give_up)
  returning p.verdict, p.retry_after_ms;
end;

create function app.tell_verdict() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('bulkhead_hook_verdicts', new.id::text);
  return null;
end $$;
create trigger tell_verdict after update of verdict on app.hook_posts
  for each row when (new.verdict is not null) execute function app.tell_verdict();

-- How many deliveries of the organization are still to be sent.
create function app.pending_deliveries() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
return (select count(*) from app.deliveries d where d.org_id = app.org_id() and d.status = 'PENDING' and app.is_writing());

-- Removes what has expired of the organization: posts whose gateway is gone after 5 minutes; deliveries and inbound events
-- 30 days after they came. At most 20,000 of each a call.
create function app.expire_integration_records(now timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := app.org_id();
  kept_since timestamptz := expire_integration_records.now - interval '30 days';
  removed bigint := 0;
  one bigint;
begin
  perform platform.require_actor(array['SYSTEM']);
  delete from app.hook_posts p where p.org_id = org and p.created_at < expire_integration_records.now - interval '5 minutes';
  get diagnostics one = row_count;
  removed := removed + one;
  delete from app.deliveries d where d.org_id = org and d.id in (
    select e.id from app.deliveries e
    where e.org_id = org and e.created_at < kept_since and e.status <> 'PENDING' limit 20000);
  get diagnostics one = row_count;
  removed := removed + one;
  delete from app.inbound_events i where i.org_id = org and i.id in (
    select e.id from app.inbound_events e
    where e.org_id = org and e.created_at < kept_since and e.status <> 'PENDING' limit 20000);
  get diagnostics one = row_count;
  return removed + one;
end $$;
create policy expired on app.deliveries for delete to bulkhead_owner
  using (org_id = (select app.org_id()) and status <> 'PENDING');
create policy expired on app.inbound_events for delete to bulkhead_owner
  using (org_id = (select app.org_id()) and status <> 'PENDING');

-- Direction, type and scheme of an integration, for who may put its secrets and not read it: their form depends on it.
create function app.kind_of_integration(integration uuid) returns table (direction text, type text, scheme text)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select i.direction, i.type, i.properties->'scheme'->>0 from app.integrations i
  where (select app.is_writing()) and i.org_id = app.org_id() and i.id = integration;
end;

revoke all on function platform.follow_hook(), platform.follow_work(), app.tell_verdict() from public;
revoke all on function platform.claim_integration_work(integer, text[]), platform.release_integration_work(text, uuid),
  platform.find_hook(uuid), app.receive_post(uuid, uuid, text, jsonb, bytea), app.take_verdict(uuid, boolean),
  app.pending_deliveries(), app.expire_integration_records(timestamptz), app.kind_of_integration(uuid) from public;

grant execute on function platform.find_hook(uuid), app.receive_post(uuid, uuid, text, jsonb, bytea),
  app.take_verdict(uuid, boolean), app.pending_deliveries(), app.kind_of_integration(uuid),
  platform.claim_integration_work(integer, text[]), platform.release_integration_work(text, uuid) to bulkhead_gateway;
grant execute on function platform.claim_integration_work(integer, text[]), platform.release_integration_work(text, uuid),
  app.expire_integration_records(timestamptz), app.pending_deliveries(), platform.rate_limits_of_org(),
  platform.take_tokens(integer, integer, integer[], integer[], integer[]) to bulkhead_worker;

grant select, insert, delete on app.resource_mappings to bulkhead_gateway;
grant select on app.resource_mappings to bulkhead_worker;

grant select (org_id, id, direction, type, integration_id, event_type, is_test, status, attempts, http_status, failure, due_at,
  last_attempt_at, finished_at, created_at, created_by), insert on app.deliveries to bulkhead_gateway;
grant select, insert on app.deliveries to bulkhead_worker;
grant update (status, body, attempts, http_status, failure, due_at, last_attempt_at, finished_at) on app.deliveries
  to bulkhead_worker;

grant select on app.inbound_events to bulkhead_gateway;
grant update (status, body, attempts, report, failure, due_at, finished_at) on app.inbound_events to bulkhead_gateway;
grant select, insert on app.inbound_events to bulkhead_worker;

grant select on app.hook_posts to bulkhead_worker;
grant update (verdict, retry_after_ms, due_at) on app.hook_posts to bulkhead_worker;

grant select on app.integrations to bulkhead_worker;
grant update (is_enabled, updated_at, updated_by) on app.integrations to bulkhead_worker;
