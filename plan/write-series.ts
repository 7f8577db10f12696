import type { MetricValue } from '../telemetry/metric.js';
import type { PointColumns, Series } from '../telemetry/point-columns.js';
import type { RecentEvent } from '../telemetry/recent-events.js';
import { aggregationJson, type Layout, type PlannedMetric } from './layout.js';

/** JSON of a list of series. */
export function writeSeries(layout: Layout, series: readonly Series[]): string {
  return listOf(series, ({ metric, aggregation, points }) =>
    write(layout, metric as PlannedMetric, (slot) => {
      if (slot.kind === 'aggregation') return aggregationJson(aggregation);
      return slot.entry === undefined ? 'null' : writePoints(slot.entry, metric as PlannedMetric, points);
    }),
  );
}

/** JSON of a list of events. */
export function writeEvents(layout: Layout, events: readonly RecentEvent[]): string {
  const texts = layout.textsFor(noMetric);
  return listOf(events, ({ atMs, values }) =>
    between(texts, (index) => {
      const slot = layout.slots[index];
      if (slot?.entry === undefined) return timeJson(atMs);
      const { entry } = slot;
      return listOf(values, ({ metric, value }) =>
        write(entry, metric as PlannedMetric, ({ kind }) => (kind === 'at' ? timeJson(atMs) : valueJson(value))),
      );
    }),
  );
}

/** Layouts of points and events have no text of a metric. */
const noMetric: PlannedMetric = { id: '', name: '', dataType: 'STRING', defaultAggregation: 'LAST', objects: [] };

function writePoints(layout: Layout, metric: PlannedMetric, points: PointColumns): string {
  const texts = layout.textsFor(metric);
  const kinds = layout.slots.map(({ kind }) => kind);
  let json = '';
  const { atMs, values, thingIds } = points;
  for (let at = 0; at < atMs.length; at += 1) {
    json += json === '' ? texts[0] : `,${texts[0]}`;
    for (let index = 0; index < kinds.length; index += 1) {
      const kind = kinds[index];
      if (kind === 'at') json += timeJson(atMs[at] ?? 0);
      else if (kind === 'value') json += valueJson(values[at]);
      else json += thingIds ? `"${thingIds[at]}"` : 'null';
      json += texts[index + 1];
    }
  }
  return `[${json}]`;
}

function write(layout: Layout, metric: PlannedMetric, slotJson: (slot: Layout['slots'][number]) => string): string {
  return between(layout.textsFor(metric), (index) => {
    const slot = layout.slots[index];
    return slot === undefined ? '' : slotJson(slot);
  });
}

function between(texts: readonly string[], slotJson: (index: number) => string): string {
  let json = texts[0] ?? '';
  for (let index = 1; index < texts.length; index += 1) json += slotJson(index - 1) + texts[index];
  return json;
}

function listOf<Item>(items: readonly Item[], json: (item: Item) => string): string {
  return `[${items.map(json).join(',')}]`;
}

/** As DateTime serializes. */
function timeJson(atMs: number): string {
  return `"${new Date(atMs).toISOString()}"`;
}

function valueJson(value: MetricValue): string {
  return typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)
    ? String(value)
    : JSON.stringify(value);
}
