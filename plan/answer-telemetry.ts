import { openThing } from '../domain/telemetry/open-things.js';
import { requireFewThings } from '../domain/telemetry/things-of-place.js';
import type { RequestContext } from '../resolvers/request-context.js';
import { seriesQuery } from '../resolvers/telemetry/series-query.js';
import { countPoints } from '../resolvers/telemetry/thing-telemetry.js';
import type { ThingLatestArgs, ThingRecentEventsArgs, ThingTimeseriesArgs } from '../resolvers/types.generated.js';
import { latestJson, type ReadingLayout } from '../telemetry/latest-json.js';
import { placeSeries } from '../telemetry/place-series.js';
import { recentEvents } from '../telemetry/recent-events.js';
import { selectMetrics } from '../telemetry/select-metrics.js';
import { thingSeries } from '../telemetry/series.js';
import type { TelemetryDatabase } from '../telemetry/telemetry-database.js';
import type { ThingHandle } from '../telemetry/thing-handle.js';
import type { Layout, PlannedMetric } from './layout.js';
import type { PlannedTelemetry } from './open-planned.js';
import type { TelemetryField } from './telemetry-field.js';
import { writeEvents, writeSeries } from './write-series.js';

/** What a hole of telemetry is filled with. */
export type TelemetryAnswer = { readonly json: string } | { readonly error: unknown };

/** A field of telemetry in one request. */
export interface TelemetryRequest {
  readonly context: RequestContext;
  readonly telemetry: PlannedTelemetry;
  readonly field: TelemetryField;
  readonly args: Readonly<Record<string, unknown>>;
}

/**
 * Reads what fills the holes of one field, with the same functions of the telemetry store that the resolvers use, and
 * within the same budget of points. A hole that cannot be filled gets the error.
 * @param things contents of the holes: `<thing id>:<version id>`, or `<thing id>/<version id>,…` of a place
 */
export async function answerTelemetry(
  request: TelemetryRequest,
  things: readonly string[],
): Promise<TelemetryAnswer[]> {
  const { kind } = request.field;
  if (kind === 'latest')
    return answerLatest(
      request,
      things.map((thing) => handleOf(request, thing, ':')),
    );
  return Promise.all(things.map((thing) => attempt(() => answerOne(request, thing))));
}

async function attempt(answer: () => Promise<string>): Promise<TelemetryAnswer> {
  try {
    return { json: await answer() };
  } catch (error) {
    return { error };
  }
}

function handleOf({ context, telemetry }: TelemetryRequest, thing: string, separator: ':' | '/'): ThingHandle {
  const [id = '', version = ''] = thing.split(separator);
  return openThing(context.identity.orgId, { id }, telemetry.metricsOf.get(version) ?? []);
}

function use<T>(
  { context, telemetry }: TelemetryRequest,
  work: (database: TelemetryDatabase) => Promise<T>,
): Promise<T> {
  return context.telemetry.use(context.identity, telemetry.open, work);
}

function answerOne(request: TelemetryRequest, thing: string): Promise<string> {
  switch (request.field.kind) {
    case 'recentEvents':
      return answerEvents(request, handleOf(request, thing, ':'));
    case 'placeSeries':
      return answerPlace(request, thing);
    default:
      return answerSeries(request, handleOf(request, thing, ':'));
  }
}

async function answerSeries(request: TelemetryRequest, handle: ThingHandle): Promise<string> {
  const { context, telemetry, field } = request;
  const query = seriesQuery(request.args as unknown as ThingTimeseriesArgs, telemetry.open.oldestMs);
  const read = () => use(request, (database) => thingSeries(database, handle, query));
  return writeSeries(field.layout, await context.points.read(read, countPoints));
}

async function answerPlace(request: TelemetryRequest, things: string): Promise<string> {
  const { context, telemetry, field } = request;
  const found = things === '' ? [] : things.split(',');
  const query = seriesQuery(request.args as unknown as ThingTimeseriesArgs, telemetry.open.oldestMs);
  const read = async () => {
    requireFewThings(found);
    const handles = found.map((thing) => handleOf(request, thing, '/'));
    return use(request, (database) => placeSeries(database, handles, query));
  };
  return writeSeries(field.layout, await context.points.read(read, countPoints));
}

async function answerEvents(request: TelemetryRequest, handle: ThingHandle): Promise<string> {
  const { context, telemetry, field } = request;
  const args = request.args as unknown as ThingRecentEventsArgs;
  const query = {
    cutoffMs: args.cutoff?.getTime() ?? telemetry.open.nowMs,
    ...(args.limit === undefined ? {} : { limit: args.limit }),
    ...(args.lookbackDays === undefined ? {} : { lookbackDays: args.lookbackDays }),
    oldestMs: telemetry.open.oldestMs,
    ...(args.metricIds ? { metrics: args.metricIds } : {}),
  };
  const events = await context.points.read(
    () => use(request, (database) => recentEvents(database, handle, query)),
    (found) => found.reduce((sum, { values }) => sum + values.length, 0),
  );
  return writeEvents(field.layout, events);
}

/** One statement for all things; those of which other metrics are asked than they have get the error alone. */
async function answerLatest(request: TelemetryRequest, handles: readonly ThingHandle[]): Promise<TelemetryAnswer[]> {
  const { context, telemetry, field } = request;
  const { metricIds } = request.args as ThingLatestArgs;
  const answers: TelemetryAnswer[] = [];
  const asked: { readonly index: number; readonly handle: ThingHandle }[] = [];
  for (const [index, handle] of handles.entries()) {
    try {
      asked.push({ index, handle: metricIds ? narrowed(handle, metricIds) : handle });
    } catch (error) {
      answers[index] = { error };
    }
  }
  try {
    const layout = readingLayout(field.layout);
    const read = () =>
      use(request, (database) =>
        latestJson(
          database,
          asked.map(({ handle }) => handle),
          telemetry.open.oldestMs,
          layout,
        ),
      );
    const found = await read();
    context.points.take(found.reduce((sum, { count }) => sum + count, 0));
    asked.forEach(({ index }, position) => {
      answers[index] = { json: `[${found[position]?.json ?? ''}]` };
    });
  } catch (error) {
    for (const { index } of asked) answers[index] = { error };
  }
  return answers;
}

/** A reading has no slots but these two. */
function readingLayout(layout: Layout): ReadingLayout {
  return {
    slots: layout.slots.map(({ kind }) => kind as 'at' | 'value'),
    textsFor: (metric) => layout.textsFor(metric as PlannedMetric),
  };
}

/** The handle with only those of its metrics that are asked for, in its own order. */
function narrowed(handle: ThingHandle, metricIds: readonly string[]): ThingHandle {
  const wanted = new Set(selectMetrics([handle], metricIds).map(({ id }) => id));
  const metrics = handle.metrics.filter(({ id }) => wanted.has(id));
  return openThing(handle.orgId, { id: handle.thingId }, metrics);
}
