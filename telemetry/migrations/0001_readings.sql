-- Readings of one organization's things: one row per thing, metric and instant, partitioned by ISO week (Monday 00:00 UTC).
-- Columns of fixed width come first, so that a row wastes nothing on alignment.
create table telemetry.readings (
  thing_id     uuid not null,
  at           timestamptz not null,
  int_value    int8,
  double_value float8,
  bool_value   bool,
  metric_id    text collate "C" not null,
  text_value   text,
  json_value   text,
  primary key (thing_id, metric_id, at),
  constraint readings_one_value
    check (num_nonnulls(int_value, double_value, text_value, bool_value, json_value) = 1),
  -- NaN sorts above Infinity, so the upper bound refuses it too.
  constraint readings_finite
    check (double_value > '-Infinity'::float8 and double_value < 'Infinity'::float8),
  constraint readings_bounded
    check (char_length(text_value) <= 4096 and octet_length(json_value) <= 16384),
  constraint readings_metric_id
    check (char_length(metric_id) between 1 and 64)
) partition by range (at);

comment on table telemetry.readings is
  'Every reading, last write wins on (thing, metric, instant). Integers are exact in 64 bits; JSON is kept as its text.';
