-- Things that were deleted: they take no reading any more. Ids are never given out twice, so a row stays for good.
create table telemetry.forgotten_things (
  thing_id uuid primary key,
  at       timestamptz not null default now()
);

comment on table telemetry.forgotten_things is
  'Things whose telemetry is forgotten. Only functions of the owner read and write it.';

-- The gate before every write of readings. Returns those of the things that are forgotten; the caller then writes nothing.
-- What it writes instead is over before a thing can be forgotten, because the lock is held until its transaction ends.
-- Each statement of a volatile function looks anew, so the second one sees what was forgotten while the first one waited.
create function telemetry.begin_ingest(things uuid[]) returns uuid[]
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('bulkhead:telemetry:forget', 0));
  return array(select thing_id from telemetry.forgotten_things where thing_id = any (things));
end
$$;

revoke all on function telemetry.begin_ingest(uuid[]) from public;

-- Closes that gate for one thing. Once its transaction is committed, every reading of the thing is committed too, so that
-- telemetry.forget_thing finds them all, and none can follow. A transaction of its own: meanwhile all writers wait.
create function telemetry.refuse_thing(thing uuid) returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Called again it has nothing to wait for.
  if exists (select from telemetry.forgotten_things where thing_id = thing) then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('bulkhead:telemetry:forget', 0));
  insert into telemetry.forgotten_things (thing_id) values (thing) on conflict do nothing;
end
$$;

revoke all on function telemetry.refuse_thing(uuid) from public;

-- Removes readings of one thing, at most `max_rows` of them, so that one call stays well below any statement timeout.
-- Returns how many it removed; less than `max_rows` means that nothing is left. The organization's role has no DELETE.
create function telemetry.forget_thing(thing uuid, max_rows int default 20000) returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  removed int := 0;
  removed_here int;
  partition_name regclass;
begin
  if thing is null or max_rows is null or max_rows not between 1 and 100000 then
    raise exception 'telemetry.forget_thing: thing is required, max_rows lies in 1..100000' using errcode = '22023';
  end if;
  delete from telemetry.latest where thing_id = thing;
  for partition_name in
    select inhrelid::regclass from pg_inherits where inhparent = 'telemetry.readings'::regclass order by inhrelid
  loop
    execute format(
      'delete from %s where ctid = any (array(select ctid from %s where thing_id = $1 limit $2))',
      partition_name, partition_name)
    using thing, max_rows - removed;
    get diagnostics removed_here = row_count;
    removed := removed + removed_here;
    exit when removed >= max_rows;
  end loop;
  return removed;
end
$$;

revoke all on function telemetry.forget_thing(uuid, int) from public;
