-- The keys of the deployment by their ids, never the keys: since when there is each, and what it is good for. What
-- `bulkhead start` finds in the key ring it notes here.
insert into platform.job_tasks (name, concerns, max_attempts, is_movable, enqueued_by) values
  ('rewrapKeys', 'DEPLOYMENT', 10, false, '{SYSTEM}');

create table platform.deployment_keys (
  kind text not null check (kind in ('root', 'backup', 'telemetry', 'context', 'audit')),
  id text not null check (id ~ '^[0-9a-f]{16}$'),
  -- CURRENT: seals. RETIRED: opens what it has sealed. REMOVED: no longer in the key ring.
  state text not null check (state in ('CURRENT', 'RETIRED', 'REMOVED')),
  created_at timestamptz not null default clock_timestamp(),
  -- When it came into its state.
  changed_at timestamptz not null default clock_timestamp(),
  -- Of a retired root key: since when no row needs it, so that only backups of before do.
  unused_at timestamptz check (unused_at is null or kind = 'root'),
  primary key (kind, id)
);
create unique index deployment_keys_current on platform.deployment_keys (kind) where state = 'CURRENT';

-- Notes which keys of a kind there are, the current one first; made_at counts when a key is first seen.
create function platform.note_keys(kind text, ids text[], made_at timestamptz[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  perform platform.require_actor(array['SYSTEM']);
  -- First those that are no longer current: there is one at a time.
  update platform.deployment_keys k set
    state = case when k.id = any (ids[2:]) then 'RETIRED' else 'REMOVED' end, changed_at = clock_timestamp()
  where k.kind = note_keys.kind and k.id <> ids[1]
    and k.state <> case when k.id = any (ids[2:]) then 'RETIRED' else 'REMOVED' end;
  insert into platform.deployment_keys as k (kind, id, state, created_at)
  select note_keys.kind, i.id, case i.place when 1 then 'CURRENT' else 'RETIRED' end, least(i.made_at, clock_timestamp())
  from unnest(ids, made_at) with ordinality i (id, made_at, place)
  on conflict on constraint deployment_keys_pkey do update set
    state = excluded.state, changed_at = clock_timestamp(), unused_at = null
  where k.state <> excluded.state;
end $$;

-- Notes which root keys still wrap something: since when the others do not.
create function platform.note_root_keys_in_use(ids text[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['SYSTEM']);
  update platform.deployment_keys k set unused_at = case when k.id = any (ids) then null else clock_timestamp() end
  where k.kind = 'root' and k.state = 'RETIRED' and (k.unused_at is null) <> (k.id = any (ids));
end $$;

create function platform.list_keys()
returns table (kind text, id text, state text, created_at timestamptz, changed_at timestamptz, unused_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform platform.require_actor(array['OPERATOR', 'SYSTEM']);
  return query
    select k.kind, k.id, k.state, k.created_at, k.changed_at, k.unused_at
    from platform.deployment_keys k order by k.kind, k.state, k.created_at desc, k.id;
end $$;

revoke all on function platform.note_keys(text, text[], timestamptz[]), platform.note_root_keys_in_use(text[]), platform.list_keys()
  from public;
grant execute on function platform.note_keys(text, text[], timestamptz[]), platform.note_root_keys_in_use(text[]), platform.list_keys()
  to bulkhead_worker;
