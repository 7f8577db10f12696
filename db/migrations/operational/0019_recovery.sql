-- Going back in time: what the ledger outside of the database is to learn, and the fence around a restored database.

-- Revocations and what was narrowed, until the ledger has them. All zeros: of the deployment. `details` are for the worker,
-- which decides by them whether a key was narrowed at all; they never reach the ledger.
create table platform.unledgered (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  event text not null check (event in ('API_KEY_REVOKED', 'API_KEY_SECRET_ENDED', 'API_KEY_NARROWED', 'API_KEY_EXPIRY_SET',
    'RATE_LIMIT_SET', 'OPERATOR_REVOKED')),
  subject text not null,
  at timestamptz not null,
  details jsonb
);

create function platform.note_revocation() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  case tg_table_name
    when 'api_keys' then
      -- What goes with its whole organization is in the ledger by the deletion.
      insert into platform.unledgered (org_id, event, subject, at)
      select new.org_id, 'API_KEY_REVOKED', new.id, new.revoked_at
      where not exists (select from platform.deletions d where d.org_id = new.org_id);
    when 'api_key_secrets' then
      insert into platform.unledgered (org_id, event, subject, at)
      values (new.org_id, 'API_KEY_SECRET_ENDED', new.key_id || '/' || new.id, new.valid_until);
    when 'operators' then
      insert into platform.unledgered (org_id, event, subject, at)
      values ('00000000-0000-0000-0000-000000000000', 'OPERATOR_REVOKED', new.id, new.revoked_at);
  end case;
  return null;
end $$;
create trigger note_revocation after update of revoked_at on app.api_keys
  for each row when (old.revoked_at is null and new.revoked_at is not null) execute function platform.note_revocation();
create trigger note_revocation after update of valid_until on app.api_key_secrets
  for each row when (new.valid_until is not null and new.valid_until is distinct from old.valid_until)
  execute function platform.note_revocation();
create trigger note_revocation after update of revoked_at on platform.operators
  for each row when (old.revoked_at is null and new.revoked_at is not null) execute function platform.note_revocation();

-- What bounds a key or an organization more closely, with the revision that it has from then on: a restored row of an
-- earlier one does not know of it.
create function platform.note_narrowing() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from platform.deletions d where d.org_id = new.org_id) then return null; end if;
  if tg_table_name = 'rate_limits' then
    insert into platform.unledgered (org_id, event, subject, at)
    values (new.org_id, 'RATE_LIMIT_SET', concat_ws('/', new.tier, new.revision, new.per_minute, new.burst), clock_timestamp());
    return null;
  end if;
  if (new.scopes, new.allowed_cidrs) is distinct from (old.scopes, old.allowed_cidrs) then
    insert into platform.unledgered (org_id, event, subject, at, details)
    values (new.org_id, 'API_KEY_NARROWED', new.id || '/' || new.revision, clock_timestamp(), jsonb_build_object(
      'before', jsonb_build_object('scopes', old.scopes, 'allowedCidrs', old.allowed_cidrs),
      'after', jsonb_build_object('scopes', new.scopes, 'allowedCidrs', new.allowed_cidrs)));
  end if;
  if new.expires_at < coalesce(old.expires_at, 'infinity') then
    insert into platform.unledgered (org_id, event, subject, at)
    values (new.org_id, 'API_KEY_EXPIRY_SET', new.id || '/' || new.revision, new.expires_at);
  end if;
  return null;
end $$;
create trigger note_narrowing after update of scopes, allowed_cidrs, expires_at on app.api_keys
  for each row execute function platform.note_narrowing();
create trigger note_narrowing after insert or update on platform.rate_limits
  for each row execute function platform.note_narrowing();

create function platform.list_unledgered()
returns table (id uuid, org_id uuid, event text, subject text, at text, details jsonb)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query
    select u.id, u.org_id, u.event, u.subject, to_char(u.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), u.details
    from platform.unledgered u order by u.at, u.id limit 1000;
end $$;

create function platform.forget_unledgered(ids uuid[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  delete from platform.unledgered u where u.id = any (ids);
end $$;

-- The last line of the ledger that the database knows of: one that ends before it is not whole.
create table platform.ledger_ends (
  id integer primary key check (id = 1),
  number bigint not null check (number >= 1),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$')
);

create function platform.note_ledger(number bigint, sha256 text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  insert into platform.ledger_ends as e (id, number, sha256) values (1, note_ledger.number, note_ledger.sha256)
  on conflict (id) do update set number = excluded.number, sha256 = excluded.sha256 where e.number < excluded.number;
end $$;

create function platform.ledger_end() returns table (number bigint, sha256 text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  return query select e.number, e.sha256 from platform.ledger_ends e;
end $$;

-- Each time that the database was put back in time. Fenced until `lifted_at`.
create table platform.recoveries (
  id uuid primary key default gen_random_uuid(),
  restored_to timestamptz not null,
  fenced_at timestamptz not null default clock_timestamp(),
  lifted_at timestamptz,
  -- When the audit log recorded that it goes on in another generation.
  forked_at timestamptz
);
create unique index recoveries_fenced on platform.recoveries ((true)) where lifted_at is null;

-- The three below are the administrator's: no other role may execute them, and they do nothing on behalf of the owner.

-- No role of ours logs in until the fence is lifted. Those that own objects never do.
create function platform.raise_fence(restored_to timestamptz) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare each name;
begin
  insert into platform.recoveries (restored_to) values (raise_fence.restored_to)
  on conflict ((true)) where lifted_at is null do update set restored_to = excluded.restored_to;
  for each in select r.rolname from pg_roles r where r.rolname like 'bulkhead\_%' loop
    execute format('alter role %I nologin', each);
  end loop;
end $$;

-- Makes sure that nothing of the past goes on by itself: deliveries that were to be sent are given up, jobs of the queue
-- are removed (schedules begin anew with the next worker), and so are claims of requests that never ended. Answers that
-- are kept under idempotency keys stay: their effects are there. Answers how many there were.
create function platform.end_what_was_under_way() returns jsonb
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  counts jsonb := '{}';
  amount bigint;
begin
  update app.deliveries d
  set status = 'FAILED', body = null, due_at = null, failure = 'RESTORED', finished_at = clock_timestamp()
  where d.status = 'PENDING';
  get diagnostics amount = row_count;
  counts := counts || jsonb_build_object('deliveries', amount);
  delete from graphile_worker._private_jobs;
  get diagnostics amount = row_count;
  counts := counts || jsonb_build_object('jobs', amount);
  delete from graphile_worker._private_job_queues;
  update platform.job_runs r set ended_at = clock_timestamp(), outcome = 'INTERRUPTED', reason = 'RESTORED'
  where r.ended_at is null;
  update app.exports e
  set state = case e.state when 'READY' then 'EXPIRED' else 'FAILED' end, failure = 'RESTORED', ended_at = clock_timestamp()
  where e.state in ('REQUESTED', 'RUNNING', 'READY');
  get diagnostics amount = row_count;
  counts := counts || jsonb_build_object('exports', amount);
  delete from app.idempotency_keys k where not k.is_done;
  get diagnostics amount = row_count;
  return counts || jsonb_build_object('unfinishedRequests', amount);
end $$;

create function platform.lift_fence() returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare each name;
begin
  update platform.recoveries r set lifted_at = clock_timestamp() where r.lifted_at is null;
  if not found then return; end if;
  for each in select r.rolname from pg_roles r where r.rolname like 'bulkhead\_%' and r.rolname not in ('bulkhead_owner', 'bulkhead_audit') loop
    execute format('alter role %I login', each);
  end loop;
end $$;

-- Whether the audit log is to begin another generation, since the database was put back in time: true once.
create function platform.take_fork() returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  update platform.recoveries r set forked_at = clock_timestamp() where r.forked_at is null;
  return found;
end $$;

revoke all on function platform.note_revocation(), platform.note_narrowing(), platform.list_unledgered(), platform.forget_unledgered(uuid[]),
  platform.note_ledger(bigint, text), platform.ledger_end(), platform.raise_fence(timestamptz), platform.end_what_was_under_way(),
  platform.lift_fence(), platform.take_fork() from public;
grant execute on function platform.list_unledgered(), platform.forget_unledgered(uuid[]),
  platform.note_ledger(bigint, text), platform.ledger_end(), platform.take_fork() to bulkhead_worker;
