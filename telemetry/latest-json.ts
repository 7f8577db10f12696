import { arrayLiteral } from '../db/array-literal.js';
import type { TelemetryMetric } from './metric.js';
import type { TelemetryDatabase } from './telemetry-database.js';
import { requireHandlesOf, type ThingHandle } from './thing-handle.js';

/** Layouts with more slots (aliases make them) are parsed each time: each order of slots is a statement of its own. */
const maxPreparedSlots = 3;

/** How a reading is written as JSON: texts of its metric, and between them what the database knows. */
export interface ReadingLayout {
  /** What stands between the texts. */
  readonly slots: readonly ('at' | 'value')[];
  /** The texts of a metric: one more than there are slots. */
  readonly textsFor: (metric: TelemetryMetric) => readonly string[];
}

/** The newest readings of a thing as JSON, without the brackets of the list. */
export interface LatestJson {
  readonly count: number;
  readonly json: string;
}

const slotSql = {
  // The time zone of the connection is UTC.
  at: `'"', to_char(l.at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '"'`,
  // One of the columns is not null. INT is text in JSON, and −0 is 0 there.
  value: `case when l.double_value is not null then (l.double_value + 0)::text
    when l.int_value is not null then '"' || l.int_value || '"'
    when l.bool_value is not null then l.bool_value::text
    when l.text_value is not null then to_json(l.text_value)::text else l.json_value end`,
} as const;

/**
 * The newest reading of each metric of many things, in one statement that writes the JSON: a list in the order of the
 * handle's metrics.
 * @param oldestMs the retention cut-off of the organization: a metric whose newest reading is older has no value
 * @returns one entry per handle, in the order of the handles
 */
export async function latestJson(
  database: TelemetryDatabase,
  handles: readonly ThingHandle[],
  oldestMs: number,
  layout: ReadingLayout,
): Promise<LatestJson[]> {
  requireHandlesOf(database, handles);
  const answers: LatestJson[] = handles.map(() => ({ count: 0, json: '' }));
  if (handles.length === 0) return answers;
  const { groups, metrics, groupOf } = groupMetrics(handles);
  const rows = await database.sql.unsafe<{ ordinal: number; count: number; json: string }[]>(
    statementFor(layout.slots),
    [
      arrayLiteral(handles.map(({ thingId }) => thingId)),
      arrayLiteral(groupOf.map(String)),
      new Date(oldestMs).toISOString(),
      arrayLiteral(groups.map(String)),
      arrayLiteral(metrics.map(({ id }) => id)),
      ...columnsOf(metrics, layout).map((column) => arrayLiteral(column)),
    ],
    { prepare: layout.slots.length <= maxPreparedSlots },
  );
  for (const { ordinal, count, json } of rows) answers[ordinal - 1] = { count, json };
  return answers;
}

/** The metrics of things; things with the same list of metrics share one group of them. */
function groupMetrics(handles: readonly ThingHandle[]) {
  const numbers = new Map<readonly TelemetryMetric[], number>();
  const groups: number[] = [];
  const metrics: TelemetryMetric[] = [];
  const groupOf = handles.map((handle) => {
    let number = numbers.get(handle.metrics);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(handle.metrics, number);
      for (const metric of handle.metrics) {
        groups.push(number);
        metrics.push(metric);
      }
    }
    return number;
  });
  return { groups, metrics, groupOf };
}

/** The texts of all metrics, by place in the layout. */
function columnsOf(metrics: readonly TelemetryMetric[], layout: ReadingLayout): string[][] {
  const columns: string[][] = Array.from({ length: layout.slots.length + 1 }, () => []);
  for (const metric of metrics) {
    for (const [index, text] of layout.textsFor(metric).entries()) columns[index]?.push(text);
  }
  return columns;
}

function statementFor(slots: ReadingLayout['slots']): string {
  const texts = Array.from({ length: slots.length + 1 }, (_, index) => `text${index}`);
  const arrays = texts.map((_, index) => `$${index + 6}::text[]`);
  const parts = texts.flatMap((text, index) => {
    const slot = slots[index];
    return slot === undefined ? [`m.${text}`] : [`m.${text}`, slotSql[slot]];
  });
  return `select t.ordinal::int, count(*)::int, string_agg(concat(${parts.join(', ')}), ',' order by m.ordinal) as json
    from unnest($1::uuid[], $2::int[]) with ordinality t (thing_id, metrics, ordinal)
    cross join lateral (
      select * from telemetry.latest where thing_id = t.thing_id and at >= $3::timestamptz offset 0
    ) l
    join unnest($4::int[], $5::text[], ${arrays.join(', ')}) with ordinality m (metrics, id, ${texts.join(', ')}, ordinal)
      on m.metrics = t.metrics and m.id = l.metric_id
    group by t.ordinal`;
}
