import { arrayLiteral } from '../db/array-literal.js';
import { notFound } from '../errors/bulkhead-error.js';
import { databaseErrorCode } from './database-error-code.js';
import { ensureWeeks } from './ensure-weeks.js';
import type { MetricDataType } from './metric.js';
import type { TelemetryDatabase } from './telemetry-database.js';

/** One reading, checked: its thing and metric come from a handle, its text from `coerceValue`. */
export interface Reading {
  readonly thingId: string;
  readonly metricId: string;
  readonly dataType: MetricDataType;
  readonly atMs: number;
  /** What `coerceValue` gave for the data type. */
  readonly text: string;
}

/**
 * Writes readings and brings `latest` up to date: one statement, all or nothing. A reading that is already there is
 * replaced; one that is already there with the same value is left alone, so that a retry costs nothing on disk.
 * @param readings no two of the same thing, metric and instant
 * @throws BulkheadError NOT_FOUND if the telemetry of one of the things is forgotten; then nothing is written
 * @throws BulkheadError BAD_USER_INPUT for too many new weeks
 */
export async function writeReadings(database: TelemetryDatabase, readings: readonly Reading[]): Promise<void> {
  if (readings.length === 0) return;
  const instants = readings.map((reading) => reading.atMs);
  await ensureWeeks(database, instants);
  try {
    await insert(database, readings);
  } catch (error) {
    if (!isMissingPartition(error)) throw error;
    // Retention dropped a week that this pool had seen, and was lengthened afterwards.
    database.knownWeeks.clear();
    await ensureWeeks(database, instants);
    await insert(database, readings);
  }
}

/** "no partition of relation … found for row" has the SQLSTATE of a check violation, but names no constraint. */
function isMissingPartition(error: unknown): boolean {
  const isCheckViolation = databaseErrorCode(error) === '23514';
  return isCheckViolation && (error as { constraint_name?: string }).constraint_name === undefined;
}

async function insert(database: TelemetryDatabase, readings: readonly Reading[]): Promise<void> {
  const column = (pick: (reading: Reading) => string | null) => arrayLiteral(readings.map(pick));
  const values = (dataType: MetricDataType) =>
    column((reading) => (reading.dataType === dataType ? reading.text : null));
  const things = arrayLiteral([...new Set(readings.map((reading) => reading.thingId))]);
  // Rows are written in one order by everybody, so that two calls for the same things wait but never deadlock. No row
  // comes in before the gate was passed, and the lock that the gate takes is held until all of this is committed.
  const [gate] = await database.sql<{ isRefused: boolean }[]>`
    with gate as materialized (
      select cardinality(telemetry.begin_ingest(${things}::uuid[])) > 0 as is_refused
    ), incoming as materialized (
      select * from unnest(
        ${column((reading) => reading.thingId)}::uuid[],
        ${column((reading) => reading.metricId)}::text[],
        ${column((reading) => new Date(reading.atMs).toISOString())}::timestamptz[],
        ${values('INT')}::int8[], ${values('DOUBLE')}::float8[], ${values('BOOL')}::bool[],
        ${values('STRING')}::text[], ${values('JSON')}::text[]
      ) as i (thing_id, metric_id, at, int_value, double_value, bool_value, text_value, json_value)
      where not (select is_refused from gate)
    ), written as (
      insert into telemetry.readings as r
        (thing_id, metric_id, at, int_value, double_value, bool_value, text_value, json_value)
      select thing_id, metric_id, at, int_value, double_value, bool_value, text_value, json_value
      from incoming order by thing_id, metric_id, at
      on conflict (thing_id, metric_id, at) do update set
        int_value = excluded.int_value, double_value = excluded.double_value, bool_value = excluded.bool_value,
        text_value = excluded.text_value, json_value = excluded.json_value
      where (r.int_value, r.double_value, r.bool_value, r.text_value, r.json_value) is distinct from
        (excluded.int_value, excluded.double_value, excluded.bool_value, excluded.text_value, excluded.json_value)
    ), newest as (
      insert into telemetry.latest as l
        (thing_id, metric_id, at, int_value, double_value, bool_value, text_value, json_value)
      select distinct on (thing_id, metric_id)
        thing_id, metric_id, at, int_value, double_value, bool_value, text_value, json_value
      from incoming order by thing_id, metric_id, at desc
      on conflict (thing_id, metric_id) do update set
        at = excluded.at, int_value = excluded.int_value, double_value = excluded.double_value,
        bool_value = excluded.bool_value, text_value = excluded.text_value, json_value = excluded.json_value
      where excluded.at > l.at or excluded.at = l.at
        and (l.int_value, l.double_value, l.bool_value, l.text_value, l.json_value) is distinct from
          (excluded.int_value, excluded.double_value, excluded.bool_value, excluded.text_value, excluded.json_value)
    )
    select is_refused as "isRefused" from gate`;
  if (gate?.isRefused !== false) throw notFound('thing');
}
