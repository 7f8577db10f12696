import { notFound } from '../errors/bulkhead-error.js';
import { databaseErrorCode } from './database-error-code.js';
import { ensureWeeks } from './ensure-weeks.js';
import type { MetricDataType } from './metric.js';
import type { ReadingColumns } from './reading-batch.js';
import type { TelemetryDatabase } from './telemetry-database.js';

/**
 * Writes readings, brings `latest` up to date and marks hours as stale that are rolled up already: one statement, all or
 * nothing. A reading that is already there is replaced; one that is already there with the same value is left alone, so
 * that a retry costs nothing on disk.
 * @throws BulkheadError NOT_FOUND if the telemetry of one of the things is forgotten; then nothing is written
 * @throws BulkheadError BAD_USER_INPUT for too many new weeks
 */
export async function writeReadings(database: TelemetryDatabase, readings: ReadingColumns): Promise<void> {
  if (readings.count === 0) return;
  await ensureWeeks(database, readings.weeks);
  try {
    await insert(database, readings);
  } catch (error) {
    if (!isMissingPartition(error)) throw error;
    // Retention dropped a week that this pool had seen, and was lengthened afterwards.
    database.knownWeeks.clear();
    await ensureWeeks(database, readings.weeks);
    await insert(database, readings);
  }
}

/** "no partition of relation … found for row" has the SQLSTATE of a check violation, but names no constraint. */
function isMissingPartition(error: unknown): boolean {
  const isCheckViolation = databaseErrorCode(error) === '23514';
  return isCheckViolation && (error as { constraint_name?: string }).constraint_name === undefined;
}

/** Columns of values, their types, and the data types kept there. */
const valueColumns = [
  ['INT', 'int_value', 'int8'],
  ['DOUBLE', 'double_value', 'float8'],
  ['BOOL', 'bool_value', 'bool'],
  ['STRING', 'text_value', 'text'],
  ['JSON', 'json_value', 'text'],
] as const satisfies readonly (readonly [MetricDataType, string, string])[];

async function insert(database: TelemetryDatabase, readings: ReadingColumns): Promise<void> {
  const { distinctThings, oldestMs, things, metrics, instants, areNewest, values } = readings;
  const present = valueColumns.filter(([dataType]) => values[dataType] !== undefined);
  const [gate] = await database.writes.unsafe<{ isRefused: boolean }[]>(
    statementFor(present.map(([dataType]) => dataType)),
    [
      distinctThings,
      oldestMs,
      things,
      metrics,
      instants,
      areNewest,
      ...present.map(([dataType]) => values[dataType] ?? null),
    ],
    { prepare: true },
  );
  if (gate?.isRefused !== false) throw notFound('thing');
}

const statements = new Map<string, string>();

/**
 * The statement for readings of some data types: others are not even sent. Made of constants, with all values as
 * parameters, once for each of the 31 combinations.
 */
function statementFor(dataTypes: readonly MetricDataType[]): string {
  const key = dataTypes.join();
  const statement = statements.get(key) ?? buildStatement(dataTypes);
  statements.set(key, statement);
  return statement;
}

/**
 * No row comes in before the gate was passed, and the lock that the gate takes is held until all of this is committed.
 * What is newer than `closing`, as live readings are, costs the rollups one comparison.
 */
function buildStatement(dataTypes: readonly MetricDataType[]): string {
  const columns = valueColumns.filter(([dataType]) => dataTypes.includes(dataType));
  const names = columns.map(([, name]) => name).join(', ');
  const all = valueColumns.map(([, name]) => name);
  const list = (prefix: string) => all.map((name) => `${prefix}.${name}`).join(', ');
  const assignments = all.map((name) => `${name} = excluded.${name}`).join(', ');
  return `
    with gate as materialized (
      select telemetry.begin_write($1::uuid[]) as closing
    ), incoming as materialized (
      select thing_id, metric_id, to_timestamp(at_ms::float8 / 1000) as at, is_newest, ${names}
      from unnest($3::uuid[], $4::text[], $5::int8[], $6::bool[],
        ${columns.map(([, , type], index) => `$${index + 7}::${type}[]`).join(', ')})
        as i (thing_id, metric_id, at_ms, is_newest, ${names})
      where (select closing from gate) is not null
    ), written as (
      insert into telemetry.readings as r (thing_id, metric_id, at, ${names})
      select thing_id, metric_id, at, ${names} from incoming
      on conflict (thing_id, metric_id, at) do update set ${assignments}
      where (${list('r')}) is distinct from (${list('excluded')})
    ), newest as (
      insert into telemetry.latest as l (thing_id, metric_id, at, ${names})
      select thing_id, metric_id, at, ${names} from incoming where is_newest
      on conflict (thing_id, metric_id) do update set at = excluded.at, ${assignments}
      where excluded.at > l.at or excluded.at = l.at and (${list('l')}) is distinct from (${list('excluded')})
    ), stale as (
      insert into telemetry.rollup_hours as h (thing_id, metric_id, at, is_stale)
      select distinct thing_id, metric_id, date_bin('1 hour', at, 'epoch'), true
      from incoming where to_timestamp($2::float8 / 1000) < (select closing from gate) and at < (select closing from gate)
      order by 1, 2, 3
      on conflict (thing_id, metric_id, at) do update set is_stale = true where not h.is_stale
    )
    select closing is null as "isRefused" from gate`;
}
