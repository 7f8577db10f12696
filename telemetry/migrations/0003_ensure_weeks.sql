-- Makes the partitions of the weeks in which the given instants lie. The organization's role has no right to create
-- anything; this is the one thing it can have created, within bounds that are checked here and not by the caller.
create function telemetry.ensure_weeks(instants timestamptz[]) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  missing date[];
  week date;
  partition_name text;
begin
  if exists (
    select from unnest(instants) as i (instant)
    cross join lateral (select date_trunc('week', i.instant at time zone 'UTC') at time zone 'UTC' as week) w
    where i.instant is null or w.week + interval '7 days' <= now() - interval '3660 days'
      or w.week > now() + interval '8 days'
  ) then
    raise exception 'telemetry.ensure_weeks: only weeks from now - 3660 days to now + 8 days' using errcode = '22023';
  end if;

  select array_agg(distinct w.week order by w.week) into missing
  from unnest(instants) as i (instant)
  cross join lateral (select date_trunc('week', i.instant at time zone 'UTC')::date as week) w
  where to_regclass(format('telemetry.readings_%s', to_char(w.week, 'YYYYMMDD'))) is null;
  if missing is null then
    return;
  end if;

  perform pg_advisory_xact_lock(hashtextextended('bulkhead:telemetry:weeks', 0));
  foreach week in array missing loop
    partition_name := format('readings_%s', to_char(week, 'YYYYMMDD'));
    -- Another session may have made it while this one waited for the lock. to_regclass() would answer from a cache that
    -- an advisory lock does not refresh; a query sees what is committed by now.
    continue when exists (
      select from pg_class where relnamespace = 'telemetry'::regnamespace and relname = partition_name);
    -- Created standalone and attached afterwards: `create table ... partition of` would lock out every reader and writer.
    execute format('create table telemetry.%I (like telemetry.readings including all)', partition_name);
    execute format(
      'alter table telemetry.readings attach partition telemetry.%I for values from (%L) to (%L)',
      partition_name, week::text || ' 00:00:00+00', (week + 7)::text || ' 00:00:00+00');
  end loop;
end
$$;

revoke all on function telemetry.ensure_weeks(timestamptz[]) from public;
