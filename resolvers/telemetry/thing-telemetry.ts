import type { ThingRow } from '../../db/tables/things.js';
import { requireHandle } from '../../domain/telemetry/require-handle.js';
import type { Series } from '../../telemetry/point-columns.js';
import { recentEvents } from '../../telemetry/recent-events.js';
import { selectMetrics } from '../../telemetry/select-metrics.js';
import { thingSeries as readThingSeries } from '../../telemetry/series.js';
import type { RequestContext } from '../request-context.js';
import type { RequireFields, ThingLatestArgs, ThingRecentEventsArgs, ThingTimeseriesArgs } from '../types.generated.js';
import { type ReadingValue, readingOf } from './reading.js';
import { seriesQuery } from './series-query.js';

/** Resolves `Thing.timeseries`. */
export async function thingSeries(context: RequestContext, thing: ThingRow, args: ThingTimeseriesArgs) {
  const open = await context.loaders.openThing.load(thing.id);
  const handle = requireHandle(open, thing.id);
  return context.points.read(
    () =>
      context.telemetry.use(context.identity, open, (database) =>
        readThingSeries(database, handle, seriesQuery(args, open.oldestMs)),
      ),
    countPoints,
  );
}

/** Resolves `Thing.recentEvents`. */
export async function thingRecentEvents(
  context: RequestContext,
  thing: ThingRow,
  args: RequireFields<ThingRecentEventsArgs, 'limit' | 'lookbackDays'>,
) {
  const open = await context.loaders.openThing.load(thing.id);
  const handle = requireHandle(open, thing.id);
  const events = await context.points.read(
    () =>
      context.telemetry.use(context.identity, open, (database) =>
        recentEvents(database, handle, {
          cutoffMs: args.cutoff?.getTime() ?? open.nowMs,
          limit: args.limit,
          lookbackDays: args.lookbackDays,
          oldestMs: open.oldestMs,
          ...(args.metricIds ? { metrics: args.metricIds } : {}),
        }),
      ),
    (found) => found.reduce((sum, { values }) => sum + values.length, 0),
  );
  return events.map(({ atMs, values }) => ({
    at: new Date(atMs),
    readings: values.map(({ metric, value }) => readingOf(metric, atMs, value)),
  }));
}

/** Resolves `Thing.latest`: one statement for all things of the request. */
export async function thingLatest(
  context: RequestContext,
  thing: ThingRow,
  args: ThingLatestArgs,
): Promise<ReadingValue[]> {
  const latest = await context.loaders.latestOfThing.load(thing.id);
  context.points.take(latest.values.length);
  const readings = latest.values.map(({ metric, atMs, value }) => readingOf(metric, atMs, value));
  if (!args.metricIds) return readings;
  const handle = requireHandle(await context.loaders.openThing.load(thing.id), thing.id);
  const wanted = new Set(selectMetrics([handle], args.metricIds).map((metric) => metric.id));
  return readings.filter((reading) => wanted.has(reading.metricId));
}

/** Points of all series. */
export function countPoints(series: readonly Series[]): number {
  return series.reduce((sum, { points }) => sum + points.atMs.length, 0);
}
