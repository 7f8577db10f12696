-- Sums of readings by UTC hour, day and minute, so that a bin does not have to read what it covers. A row is always
-- computed from rows of a finer level, never by adding to what is there: sums of doubles would drift, and neither a
-- correction nor a deletion could be taken back.
create table telemetry.rollup_hours (
  thing_id    uuid not null,
  at          timestamptz not null,
  first_at    timestamptz,
  last_at     timestamptz,
  -- Doubles are summed in two parts, see `telemetry/reading-totals.ts`: neither can leave the range of a double.
  plain_sum   float8,
  huge_sum    float8,
  readings    int4 not null default 0,
  -- Readings of the hour were written after it was rolled up: until it is computed again, they are read themselves.
  is_stale    bool not null default false,
  -- The hour has so many readings that there are rows of its minutes as well.
  has_minutes bool not null default false,
  metric_id   text collate "C" not null,
  int_sum     numeric,
  first_value text,
  last_value  text,
  primary key (thing_id, metric_id, at),
  constraint rollup_hours_aligned check (at = date_bin('1 hour', at, '1970-01-01 00:00:00+00'::timestamptz)),
  constraint rollup_hours_filled check (is_stale or readings > 0 and first_at is not null and last_at is not null)
);
create index rollup_hours_stale on telemetry.rollup_hours (thing_id, metric_id, at) where is_stale;
-- Rows come in the order of time, so a few pages tell where the expired ones are.
create index rollup_hours_at on telemetry.rollup_hours using brin (at) with (pages_per_range = 32);

create table telemetry.rollup_days (
  thing_id    uuid not null,
  at          timestamptz not null,
  first_at    timestamptz not null,
  last_at     timestamptz not null,
  plain_sum   float8,
  huge_sum    float8,
  readings    int4 not null,
  metric_id   text collate "C" not null,
  int_sum     numeric,
  first_value text not null,
  last_value  text not null,
  primary key (thing_id, metric_id, at)
);
create index rollup_days_at on telemetry.rollup_days using brin (at) with (pages_per_range = 32);

-- Of an hour that has them (`has_minutes`), and only while that hour is not stale.
create table telemetry.rollup_minutes (like telemetry.rollup_days including all);

comment on table telemetry.rollup_hours is 'What the readings of one thing and metric add up to in one hour (UTC).';
comment on table telemetry.rollup_days is 'The same of one day (UTC), from its hours; not to be trusted while one of them is stale.';
comment on table telemetry.rollup_minutes is 'The same of one minute, in hours with many readings.';

-- How far the rollups are; one row.
create table telemetry.rollup_state (
  is_only         bool primary key default true check (is_only),
  -- Whoever writes readings before this instant marks their hours as stale. Only ever moves on, and by a full hour.
  closing         timestamptz not null default '-infinity',
  -- Before this instant an hour without a row has no readings, and one with a row is as the row says, unless it is stale.
  rolled          timestamptz not null default '-infinity',
  -- The hours from `rolled` to here are being rolled up, and done for all series up to this one.
  rolling_to      timestamptz,
  done_thing      uuid not null default '00000000-0000-0000-0000-000000000000',
  done_metric     text collate "C" not null default '',
  -- Retention is removing what is older, readings and rollups: meanwhile rollups before it say nothing.
  removing_before timestamptz,
  -- Days before it say nothing: retention has removed a part of them. Their hours are right.
  days_from       timestamptz not null default '-infinity',
  constraint rollup_state_order check (rolled <= closing)
);
insert into telemetry.rollup_state default values;

comment on table telemetry.rollup_state is 'Up to where hours are rolled up, and from where on they may be used.';

-- The gate before every write of readings: answers the instant before which the write has to mark hours as stale, or null
-- if one of the things is forgotten; the caller then writes nothing. The lock that it takes is held until the
-- transaction ends, so whoever moves `closing` or forgets a thing, which takes it alone, finds all earlier writes
-- committed and has all later ones see what it did. Each statement of a volatile function looks anew.
create function telemetry.begin_write(things uuid[]) returns timestamptz
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('bulkhead:telemetry:forget', 0));
  return (
    select closing from telemetry.rollup_state
    where not exists (select from telemetry.forgotten_things where thing_id = any (things)));
end
$$;

revoke all on function telemetry.begin_write(uuid[]) from public;

-- What wrote through the former gate would not mark anything as stale.
drop function telemetry.begin_ingest(uuid[]);

-- As before, with the rollups of the thing. Waits for the roller to finish its step, and the roller for this: a row that
-- it computed before the readings went away must not come in afterwards.
create or replace function telemetry.forget_thing(thing uuid, max_rows int default 20000) returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  removed int := 0;
  removed_here int;
  table_name regclass;
begin
  if thing is null or max_rows is null or max_rows not between 1 and 100000 then
    raise exception 'telemetry.forget_thing: thing is required, max_rows lies in 1..100000' using errcode = '22023';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('bulkhead:telemetry:rollup', 0));
  delete from telemetry.latest where thing_id = thing;
  for table_name in
    select inhrelid::regclass from pg_inherits where inhparent = 'telemetry.readings'::regclass
    union all
    values ('telemetry.rollup_minutes'::regclass), ('telemetry.rollup_hours'), ('telemetry.rollup_days')
  loop
    execute format(
      'delete from %s where ctid = any (array(select ctid from %s where thing_id = $1 limit $2))', table_name, table_name)
    using thing, max_rows - removed;
    get diagnostics removed_here = row_count;
    removed := removed + removed_here;
    exit when removed >= max_rows;
  end loop;
  return removed;
end
$$;
