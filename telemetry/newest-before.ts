import { arrayLiteral } from '../db/array-literal.js';
import type { MetricValue, TelemetryMetric } from './metric.js';
import { decodeStoredValue, type StoredValue } from './stored-value.js';
import type { TelemetryDatabase } from './telemetry-database.js';
import { requireHandlesOf, type ThingHandle } from './thing-handle.js';

/**
 * The newest reading of some metrics of a thing before an instant, by metric id: one statement, an index look for each.
 * @param metrics of the handle
 * @param beforeMs epoch ms, exclusive
 * @param oldestMs the retention cut-off of the organization, epoch ms
 */
export async function newestBefore(
  database: TelemetryDatabase,
  handle: ThingHandle,
  metrics: readonly TelemetryMetric[],
  beforeMs: number,
  oldestMs: number,
): Promise<Map<string, MetricValue>> {
  requireHandlesOf(database, [handle]);
  const rows = await database.sql<(StoredValue & { readonly metric_id: string })[]>`
    select m.metric_id, r.int_value, r.double_value, r.bool_value, r.text_value, r.json_value
    from unnest(${arrayLiteral(metrics.map(({ id }) => id))}::text[]) as m (metric_id)
    cross join lateral (
      select int_value, double_value, bool_value, text_value, json_value from telemetry.readings
      where thing_id = ${handle.thingId} and metric_id = m.metric_id
        and at >= ${new Date(oldestMs)} and at < ${new Date(beforeMs)}
      order by at desc limit 1
    ) r`;
  const types = new Map(metrics.map(({ id, dataType }) => [id, dataType]));
  return new Map(
    rows.flatMap((row) => {
      const dataType = types.get(row.metric_id);
      return dataType === undefined ? [] : [[row.metric_id, decodeStoredValue(dataType, row)] as const];
    }),
  );
}
