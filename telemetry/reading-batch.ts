import { weekStartMs } from './ensure-weeks.js';
import type { MetricDataType, TelemetryMetric } from './metric.js';

/** Readings as the write takes them: array literals of one length, in order of (thing, metric, instant). */
export interface ReadingColumns {
  readonly count: number;
  /** Each thing once. */
  readonly distinctThings: string;
  /** Mondays (epoch ms) of the weeks of the readings, each once. */
  readonly weeks: readonly number[];
  /** Epoch ms of the oldest reading. */
  readonly oldestMs: number;
  readonly things: string;
  readonly metrics: string;
  /** Epoch ms. */
  readonly instants: string;
  /** Whether a reading is the newest of its thing and metric in the batch. */
  readonly areNewest: string;
  /** Texts that PostgreSQL reads for the values, null in readings of other types; types without a reading have none. */
  readonly values: Readonly<Partial<Record<MetricDataType, string>>>;
}

/** Readings of one thing and metric. */
interface ReadingSeries {
  readonly metric: TelemetryMetric;
  readonly instants: number[];
  readonly texts: string[];
  /** Whether each instant is after the one before. */
  isAscending: boolean;
}

/** Collects the readings of one call; of two for the same thing, metric and instant the later one wins. */
export class ReadingBatch {
  readonly #things = new Map<string, Map<string, ReadingSeries>>();

  /** @param text what `coerceValue` gave for the type of the metric */
  add(thingId: string, metric: TelemetryMetric, atMs: number, text: string): void {
    const series = this.#seriesOf(thingId, metric);
    const { instants, texts } = series;
    const last = instants.at(-1);
    if (last !== undefined && last >= atMs) series.isAscending = false;
    instants.push(atMs);
    texts.push(text);
  }

  #seriesOf(thingId: string, metric: TelemetryMetric): ReadingSeries {
    const ofThing = this.#things.get(thingId) ?? new Map<string, ReadingSeries>();
    const known = ofThing.get(metric.id);
    if (known !== undefined) return known;
    const series = { metric, instants: [], texts: [], isAscending: true };
    this.#things.set(thingId, ofThing.set(metric.id, series));
    return series;
  }

  /** Everybody writes in this order, so that two calls for the same things wait for each other but never deadlock. */
  columns(): ReadingColumns {
    const things: string[] = [];
    const metrics: string[] = [];
    const instants: number[] = [];
    const areNewest: string[] = [];
    const values = new Map<MetricDataType, string[]>();
    for (const [thingId, ofThing] of inOrder(this.#things)) {
      for (const [metricId, series] of inOrder(ofThing)) {
        const { instants: own, texts } = series.isAscending ? series : lastOfEach(series);
        const id = quoted(metricId);
        const column = values.get(series.metric.dataType) ?? [];
        values.set(series.metric.dataType, column);
        while (column.length < things.length) column.push('NULL');
        const isText = series.metric.dataType === 'STRING' || series.metric.dataType === 'JSON';
        for (const [index, atMs] of own.entries()) {
          things.push(thingId);
          metrics.push(id);
          instants.push(atMs);
          areNewest.push(index === own.length - 1 ? 't' : 'f');
          const text = texts[index] ?? '';
          column.push(isText ? quoted(text) : text);
        }
      }
    }
    for (const column of values.values()) while (column.length < things.length) column.push('NULL');
    return {
      count: things.length,
      distinctThings: literal([...this.#things.keys()]),
      weeks: weeksOf(instants),
      oldestMs: instants.reduce((oldest, atMs) => Math.min(oldest, atMs), Number.POSITIVE_INFINITY),
      things: literal(things),
      metrics: literal(metrics),
      instants: `{${instants.join(',')}}`,
      areNewest: literal(areNewest),
      values: Object.fromEntries([...values].map(([dataType, column]) => [dataType, literal(column)])),
    };
  }
}

function inOrder<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([left], [right]) => (left < right ? -1 : 1));
}

function lastOfEach({ instants, texts }: ReadingSeries): { readonly instants: number[]; readonly texts: string[] } {
  const latest = new Map(instants.map((atMs, index) => [atMs, texts[index] ?? '']));
  const sorted = [...latest].sort(([left], [right]) => left - right);
  return { instants: sorted.map(([atMs]) => atMs), texts: sorted.map(([, text]) => text) };
}

function weeksOf(instants: readonly number[]): number[] {
  const weeks = new Set<number>();
  let last = Number.NaN;
  for (const atMs of instants) {
    const week = weekStartMs(atMs);
    if (week !== last) weeks.add(week);
    last = week;
  }
  return [...weeks];
}

/** An array of elements that are quoted, or need no quotes. */
function literal(elements: readonly string[]): string {
  return `{${elements.join(',')}}`;
}

/** An element of an array (PostgreSQL, "Array Input and Output Syntax"). */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
