-- The newest reading of each metric of each thing: the answer to "how is it now?" without a look into any partition.
create table telemetry.latest (
  thing_id     uuid not null,
  at           timestamptz not null,
  int_value    int8,
  double_value float8,
  bool_value   bool,
  metric_id    text collate "C" not null,
  text_value   text,
  json_value   text,
  primary key (thing_id, metric_id),
  constraint latest_one_value
    check (num_nonnulls(int_value, double_value, text_value, bool_value, json_value) = 1),
  constraint latest_finite
    check (double_value > '-Infinity'::float8 and double_value < 'Infinity'::float8)
)
-- Room in each page for the next version of its rows: an update then touches no index.
with (fillfactor = 60);

comment on table telemetry.latest is
  'One row per (thing, metric), replaced only by a reading that is not older.';
