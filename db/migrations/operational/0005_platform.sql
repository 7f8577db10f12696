-- What has no organization, or is needed before one is known. Run-time roles hold no grant on these tables: they reach
-- them through the functions below, each on the written allow-list `docs/database.md`.
create table platform.organizations (
  org_id uuid primary key,
  created_at timestamptz not null default now()
);

create table platform.telemetry_databases (
  org_id uuid primary key references platform.organizations (org_id) on delete restrict,
  -- null: the cluster of the operational database.
  host text,
  port integer check (port between 1 and 65535),
  database_name text not null unique check (database_name ~ '^t_[0-9a-f]{16}$'),
  sealed_password bytea not null,
  state text not null default 'REQUESTED' check (state in ('REQUESTED', 'READY')),
  failure text,
  requested_at timestamptz not null default now(),
  ready_at timestamptz,
  check ((host is null) = (port is null))
);

create table platform.rate_limits (
  org_id uuid not null references platform.organizations (org_id) on delete restrict,
  tier text not null check (tier in ('STANDARD', 'DATA_READ')),
  per_minute integer not null check (per_minute between 1 and 1000000),
  burst integer not null check (burst between 1 and 1000000),
  -- Counts how often it was set, so that the ledger can tell which settings a restored row does not know.
  revision bigint not null default 1,
  primary key (org_id, tier)
);

-- How much data an organization may have, and what the last measurement found. Without a row: the default, not measured.
create table platform.data_packages (
  org_id uuid primary key references platform.organizations (org_id) on delete restrict,
  limit_mebibytes integer not null default 1024 check (limit_mebibytes between 1 and 16777216),
  record_bytes bigint not null default 0 check (record_bytes >= 0),
  telemetry_bytes bigint not null default 0 check (telemetry_bytes >= 0),
  -- What counts for refusals: see `platform.data_state`.
  state text not null default 'BELOW' check (state in ('BELOW', 'NEAR', 'FULL')),
  measured_at timestamptz
);

-- Theoretical arrival times of the two buckets (GCRA): what is lost in a crash is at most a burst, so it is not logged.
create unlogged table platform.rate_buckets (
  org_id uuid primary key,
  standard_arrival timestamptz not null,
  data_read_arrival timestamptz not null,
  -- Tokens that gateways hold in advance; all of them are used or given back by then.
  standard_held integer not null default 0,
  data_read_held integer not null default 0,
  held_until timestamptz not null default '-infinity'
);

create table platform.operators (
  id text primary key check (id ~ '^[0-9A-Za-z]{12}$'),
  name text not null unique check (char_length(name) between 1 and 200),
  secret_hash bytea not null check (length(secret_hash) = 32),
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

-- The actor of a verified context; functions for operators and the system refuse every other.
create function platform.require_actor(allowed text[]) returns void
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not coalesce(app.context()->>'actorType' = any (allowed), false) then
    raise exception 'not for this actor' using errcode = 'insufficient_privilege';
  end if;
end $$;

create function platform.authenticate_operator(presented_id text, presented_hash bytea)
returns table (id text, name text)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select o.id, o.name from platform.operators o
  where o.id = presented_id and o.secret_hash = presented_hash and o.revoked_at is null;
end;

create function platform.create_operator(id text, name text, secret_hash bytea) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into platform.operators (id, name, secret_hash) values (create_operator.id, create_operator.name, create_operator.secret_hash);
end $$;

-- Revokes an operator for good; answers since when, or null where there is none. The next request is refused.
create function platform.revoke_operator(id text) returns timestamptz
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare since timestamptz;
begin
  perform platform.require_actor(array['SYSTEM']);
  update platform.operators o set revoked_at = clock_timestamp() where o.id = revoke_operator.id and o.revoked_at is null;
  select o.revoked_at into since from platform.operators o where o.id = revoke_operator.id;
  return since;
end $$;

create function platform.list_operators()
returns table (id text, name text, created_at timestamptz, revoked_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select o.id, o.name, o.created_at, o.revoked_at from platform.operators o order by o.created_at, o.id;
end $$;

-- Registers the organization of the context and asks for its telemetry database.
create function platform.register_organization(database_name text, sealed_password bytea) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  insert into platform.organizations (org_id) values (app.org_id());
  insert into platform.telemetry_databases (org_id, database_name, sealed_password)
  values (app.org_id(), register_organization.database_name, register_organization.sealed_password);
  perform platform.add_job('provisionTelemetry', app.org_id(), '{}');
end $$;

-- The limits of an organization: its own, or the defaults.
create function platform.rate_limits_of(org uuid) returns table (tier text, per_minute integer, burst integer)
language sql stable
begin atomic
  select d.tier, coalesce(l.per_minute, d.per_minute), coalesce(l.burst, d.burst)
  from (values ('STANDARD', 60, 100), ('DATA_READ', 600, 1000)) d (tier, per_minute, burst)
  left join platform.rate_limits l on l.org_id = org and l.tier = d.tier;
end;

create function platform.rate_limits_of_org() returns table (tier text, per_minute integer, burst integer)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select l.tier, l.per_minute, l.burst from platform.rate_limits_of(app.org_id()) l;
end;

-- The data package of an organization.
create function platform.data_package_of(org uuid)
returns table (limit_mebibytes integer, record_bytes bigint, telemetry_bytes bigint, state text, measured_at timestamptz)
language sql stable
begin atomic
  select coalesce(p.limit_mebibytes, 1024), coalesce(p.record_bytes, 0), coalesce(p.telemetry_bytes, 0),
         coalesce(p.state, 'BELOW'), p.measured_at
  from (values (1)) one left join platform.data_packages p on p.org_id = org;
end;

create function platform.data_package()
returns table (limit_mebibytes integer, record_bytes bigint, telemetry_bytes bigint, state text, measured_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select p.limit_mebibytes, p.record_bytes, p.telemetry_bytes, p.state, p.measured_at
  from platform.data_package_of(app.org_id()) p where app.org_id() is not null;
end;

-- Organizations as their operator sees them: no data of the customer beside the name.
create view platform.operated_organizations with (security_invoker = true) as
  select o.org_id, a.name, o.created_at, a.retention_days, t.state, t.failure,
         (select jsonb_agg(jsonb_build_object('tier', l.tier, 'perMinute', l.per_minute, 'burst', l.burst)
                           order by l.tier desc)
          from platform.rate_limits_of(o.org_id) l) as rate_limits,
         (select jsonb_build_object('limitMebibytes', p.limit_mebibytes, 'recordBytes', p.record_bytes,
            'telemetryBytes', p.telemetry_bytes, 'state', p.state,
            'measuredMs', (extract(epoch from p.measured_at) * 1000)::float8)
          from platform.data_package_of(o.org_id) p) as data_package
  from platform.organizations o
  join platform.telemetry_databases t on t.org_id = o.org_id
  join app.organizations a on a.org_id = o.org_id;

create function platform.list_organizations(after uuid, page_size integer)
returns table (org_id uuid, name text, created_at timestamptz, retention_days integer, telemetry_state text, failure text,
  rate_limits jsonb, data_package jsonb)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare is_job boolean := app.context()->>'actorType' = 'SYSTEM';
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  perform set_config('app.listing', 'all', true);
  return query
    select o.* from platform.operated_organizations o
    -- Jobs pass over an organization that is being deleted.
    where (after is null or o.org_id > after) and (not is_job
           or not exists (select from platform.deletions d where d.org_id = o.org_id))
    order by o.org_id limit page_size;
  perform set_config('app.listing', '', true);
end $$;
create policy listed_by_owner on app.organizations for select to bulkhead_owner
  using ((select current_setting('app.listing', true)) = 'all');

-- The same of the organization of the context alone; no row for one that does not exist.
create function platform.operated_organization()
returns table (org_id uuid, name text, created_at timestamptz, retention_days integer, telemetry_state text, failure text,
  rate_limits jsonb, data_package jsonb)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query select o.* from platform.operated_organizations o where o.org_id = app.org_id();
end $$;

-- The arrival time of a bucket under a new rate: as many tokens are missing as before, at most a whole burst.
create function platform.arrival_at_rate(arrival timestamptz, clock timestamptz, old_rate integer, new_rate integer, burst integer)
returns timestamptz
language sql immutable
return clock + least((greatest(arrival, clock) - clock) * (old_rate::float8 / new_rate), interval '1 minute' / new_rate * burst);

create function platform.set_rate_limit(tier text, per_minute integer, burst integer) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  org uuid := app.org_id();
  clock timestamptz;
  old_rate integer;
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  perform from platform.rate_buckets b where b.org_id = org for update;
  clock := clock_timestamp();
  select l.per_minute into old_rate from platform.rate_limits_of(org) l where l.tier = set_rate_limit.tier;
  update platform.rate_buckets b set
    standard_arrival = case set_rate_limit.tier when 'STANDARD'
      then platform.arrival_at_rate(b.standard_arrival, clock, old_rate, set_rate_limit.per_minute, set_rate_limit.burst)
      else b.standard_arrival end,
    data_read_arrival = case set_rate_limit.tier when 'DATA_READ'
      then platform.arrival_at_rate(b.data_read_arrival, clock, old_rate, set_rate_limit.per_minute, set_rate_limit.burst)
      else b.data_read_arrival end
  where b.org_id = org;
  insert into platform.rate_limits as l (org_id, tier, per_minute, burst)
  values (org, set_rate_limit.tier, set_rate_limit.per_minute, set_rate_limit.burst)
  on conflict (org_id, tier) do update
    set per_minute = excluded.per_minute, burst = excluded.burst, revision = l.revision + 1;
  -- Gateways that keep buckets elsewhere remember limits.
  perform pg_notify('bulkhead_rate_limits', org::text);
end $$;

-- Takes tokens of both tiers, all or none. Generic cell rate algorithm: a bucket is the time at which it would be full
-- again; a request fits if that time, after its cost, lies at most a burst ahead. The row lock puts requests in order,
-- and the clock is read after it. Cost 0 of both tiers only looks.
-- A gateway may take some more in advance, and names with its next draw what it took and what it gives back of that. All
-- gateways together hold at most a twentieth of the burst, and take it only of the fuller half of the bucket, so that an
-- organization near its limit is counted request by request. What they hold is no room to be refilled meanwhile: bucket
-- and gateways never hold more than the burst.
create function platform.take_tokens(standard integer, data_read integer, more integer[] default '{0,0}',
  held integer[] default '{0,0}', back integer[] default '{0,0}')
returns table (tier text, per_minute integer, burst integer, remaining integer, retry_after_ms bigint, full_after_ms bigint,
  granted boolean, taken integer)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := app.org_id();
  costs bigint[] := array[standard, data_read];
  tiers text[] := array['STANDARD', 'DATA_READ'];
  rates integer[] := array[60, 600];
  bursts integer[] := array[100, 1000];
  bucket platform.rate_buckets;
  clock timestamptz;
  limits record;
  arrivals timestamptz[];
  returned integer[] := array[0, 0];
  holding integer[] := array[0, 0];
  -- Microseconds: between two tokens, until the bucket is full, and to wait.
  emissions bigint[] := array[0, 0];
  missing bigint[] := array[0, 0];
  waits bigint[] := array[0, 0];
  fits boolean := true;
  is_taken boolean := false;
begin
  if org is null then raise exception 'context refused' using errcode = 'BH001'; end if;
  if least(standard, data_read, more[1], more[2], back[1], back[2]) < 0 or back[1] > held[1] or back[2] > held[2] then
    raise exception 'tokens are not negative, and no more come back than were held';
  end if;
  select * into bucket from platform.rate_buckets b where b.org_id = org for update;
  if not found then
    insert into platform.rate_buckets values (org, '-infinity', '-infinity') on conflict (org_id) do nothing;
    select * into bucket from platform.rate_buckets b where b.org_id = org for update;
  end if;
  clock := clock_timestamp();
  for limits in select l.tier, l.per_minute, l.burst from platform.rate_limits l where l.org_id = org loop
    rates[array_position(tiers, limits.tier)] := limits.per_minute;
    bursts[array_position(tiers, limits.tier)] := limits.burst;
  end loop;
  arrivals := array[bucket.standard_arrival, bucket.data_read_arrival];
  -- No more comes back than is out, and nothing that is out no more.
  if bucket.held_until > clock then
    returned := array[least(back[1], bucket.standard_held), least(back[2], bucket.data_read_held)];
    holding := array[greatest(0, bucket.standard_held - held[1]), greatest(0, bucket.data_read_held - held[2])];
  end if;
  for i in 1..2 loop
    emissions[i] := round(60000000.0 / rates[i]);
    if arrivals[i] > clock then missing[i] := extract(epoch from arrivals[i] - clock) * 1000000; end if;
    -- Beyond a twentieth of the burst it was taken under another limit, and is lost.
    if returned[i] <= bursts[i] / 20 then missing[i] := missing[i] - returned[i] * emissions[i]; end if;
    missing[i] := greatest(missing[i], holding[i] * emissions[i]);
    waits[i] := greatest(0, missing[i] + (costs[i] - bursts[i]) * emissions[i]);
    if costs[i] > 0 and waits[i] > 0 then fits := false; end if;
  end loop;
  for i in 1..2 loop
    taken := 0;
    if fits then
      missing[i] := missing[i] + costs[i] * emissions[i];
      taken := greatest(0, least(more[i], bursts[i] / 20 - holding[i],
                                 bursts[i] / 2 - ceil(missing[i]::float8 / emissions[i])));
      missing[i] := missing[i] + taken * emissions[i];
      holding[i] := holding[i] + taken;
      is_taken := is_taken or taken > 0;
    end if;
    tier := tiers[i];
    per_minute := rates[i];
    burst := bursts[i];
    remaining := greatest(0, bursts[i] - ceil(missing[i]::float8 / emissions[i]));
    retry_after_ms := case when fits then 0 else ceil(waits[i] / 1000.0) end;
    full_after_ms := ceil(missing[i] / 1000.0);
    granted := fits;
    return next;
  end loop;
  if fits and standard + data_read > 0 or held[1] + held[2] > 0 then
    update platform.rate_buckets b
    set standard_arrival = clock + make_interval(secs => missing[1] / 1e6),
        data_read_arrival = clock + make_interval(secs => missing[2] / 1e6),
        standard_held = holding[1], data_read_held = holding[2],
        held_until = case when is_taken then clock + interval '2 seconds' else b.held_until end
    where b.org_id = org;
  end if;
end $$;

-- Where the telemetry of the context's organization lives.
create function platform.telemetry_placement()
returns table (host text, port integer, database_name text, sealed_password bytea, state text)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select t.host, t.port, t.database_name, t.sealed_password, t.state
  from platform.telemetry_databases t where t.org_id = app.org_id();
end;

-- From when to when readings are accepted and shown, by the clock of the database. The cut-off is the organization's own.
create function platform.telemetry_window() returns table (oldest_ms bigint, now_ms bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select floor(extract(epoch from clock_timestamp() - make_interval(days => o.retention_days)) * 1000)::bigint,
         floor(extract(epoch from clock_timestamp()) * 1000)::bigint
  from app.organizations o where o.org_id = app.org_id();
end;

-- Both at once: what a read of telemetry needs beside its things, and whether a write has room.
create function platform.telemetry_access()
returns table (oldest_ms bigint, now_ms bigint, host text, port integer, database_name text, sealed_password bytea, state text,
  is_full boolean)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := app.org_id();
  clock timestamptz := clock_timestamp();
begin
  return query
    select floor(extract(epoch from clock - make_interval(days => o.retention_days)) * 1000)::bigint,
           floor(extract(epoch from clock) * 1000)::bigint, t.host, t.port, t.database_name, t.sealed_password, t.state,
           exists (select from platform.data_packages p where p.org_id = org and p.state = 'FULL')
    from app.organizations o join platform.telemetry_databases t on t.org_id = o.org_id
    where o.org_id = org;
end $$;

create function platform.telemetry_ready() returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  update platform.telemetry_databases t set state = 'READY', ready_at = clock_timestamp(), failure = null where t.org_id = app.org_id();
end $$;

create function platform.telemetry_failed(reason text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  update platform.telemetry_databases t set failure = left(reason, 500) where t.org_id = app.org_id();
end $$;
