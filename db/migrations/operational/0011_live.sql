-- Live subscriptions of all gateways, each leased for a quarter of a minute: they bound what an organization may have
-- open, and tell those who write whether anybody wants to hear of it. What a crash loses here is leased anew.
create unlogged table platform.live_subscriptions (
  org_id uuid not null,
  id uuid not null,
  kind text not null check (kind in ('READINGS', 'ALERTS', 'DELETED')),
  -- Id of what is watched, as `publish_live` is given it; `*` for everything of the kind.
  topic text not null check (char_length(topic) between 1 and 200),
  expires_at timestamptz not null,
  primary key (org_id, id)
);

-- Leases a subscription to the organization of the context, or prolongs its lease. False if the organization has as many
-- as it may already. Whoever leases removes what has run out.
create function platform.lease_live(id uuid, kind text, topic text, max_count integer) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_variable
declare
  org uuid := app.org_id();
  clock timestamptz;
begin
  if org is null then raise exception 'context refused' using errcode = 'BH001'; end if;
  perform pg_advisory_xact_lock(hashtextextended('bulkhead:live:' || org, 0));
  clock := clock_timestamp();
  delete from platform.live_subscriptions s where s.org_id = org and s.expires_at < clock and s.id <> id;
  update platform.live_subscriptions s set expires_at = clock + interval '15 seconds' where s.org_id = org and s.id = id;
  if found then return true; end if;
  if (select count(*) from platform.live_subscriptions s where s.org_id = org) >= max_count then return false; end if;
  insert into platform.live_subscriptions values (org, id, kind, topic, clock + interval '15 seconds');
  return true;
end $$;

-- Prolongs leases of the organization of the context; returns those that are there.
create function platform.prolong_live(ids uuid[]) returns setof uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    update platform.live_subscriptions s set expires_at = clock_timestamp() + interval '15 seconds'
    where s.org_id = app.org_id() and s.id = any (ids)
    returning s.id;
end $$;

-- Ends leases of the organization of the context.
create function platform.release_live(ids uuid[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from platform.live_subscriptions s where s.org_id = app.org_id() and s.id = any (ids);
end $$;

-- Those of the topics of a kind that somebody watches in the organization of the context.
create function platform.watched_live(kind text, topics text[]) returns text[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_topics text[];
begin
  select array_agg(distinct s.topic) into found_topics from platform.live_subscriptions s
  where s.org_id = app.org_id() and s.kind = watched_live.kind and s.topic = any (topics)
    and s.expires_at > clock_timestamp();
  return coalesce(found_topics, '{}');
end $$;

-- Tells all gateways that something has happened in the organization of the context, when the transaction commits, if
-- somebody watches it. Every role may listen to a notice, so that it names ids alone; who may see what they name is
-- decided where it is read.
create function platform.publish_live(kind text, id text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := app.org_id();
begin
  if exists (select from platform.live_subscriptions s
             where s.org_id = org and s.kind = publish_live.kind and s.topic in (publish_live.id, '*')
               and s.expires_at > clock_timestamp()) then
    perform pg_notify('bulkhead_live', concat_ws(' ', org, kind, id));
  end if;
end $$;

-- Removes leases that have run out by the given moment.
create function platform.expire_live(now timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare removed bigint;
begin
  perform platform.require_actor(array['SYSTEM']);
  delete from platform.live_subscriptions s where s.expires_at < expire_live.now;
  get diagnostics removed = row_count;
  return removed;
end $$;

-- Those of the resource paths that the context may read: of what was deleted there is no row left to ask. `nouns` are
-- the nouns that the paths are of, one for each.
create function app.readable_paths(nouns text[], paths text[]) returns setof text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select p.path from unnest(nouns, paths) as p (noun, path)
    where p.path like any (app.visible(p.noun));
end $$;

revoke all on function
  platform.lease_live(uuid, text, text, integer), platform.prolong_live(uuid[]), platform.release_live(uuid[]),
  platform.watched_live(text, text[]), platform.publish_live(text, text), platform.expire_live(timestamptz),
  app.readable_paths(text[], text[])
from public;
grant execute on function
  platform.lease_live(uuid, text, text, integer), platform.prolong_live(uuid[]), platform.release_live(uuid[]),
  platform.watched_live(text, text[]), platform.publish_live(text, text), app.readable_paths(text[], text[])
to bulkhead_gateway;
grant execute on function platform.publish_live(text, text), platform.expire_live(timestamptz) to bulkhead_worker;
