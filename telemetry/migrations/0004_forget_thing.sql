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
