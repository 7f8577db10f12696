import type { OrgSnapshot } from '../db/org-snapshot.js';
import type { ExportedReading, TelemetrySnapshot } from '../telemetry/telemetry-snapshot.js';
import type { ArchiveFile } from './archive-file.js';
import { csvLines } from './csv-lines.js';

/** Names by id: what readings are written with. */
export interface ReadingNames {
  readonly things: ReadonlyMap<string, string>;
  readonly metrics: ReadonlyMap<string, string>;
}

const namesPerFetch = 1000;

/** Names of all things and metrics. They stay in memory, some 200 bytes each, so that the snapshot need not stay open. */
export async function readingNames(snapshot: OrgSnapshot): Promise<ReadingNames> {
  const namesIn = async (table: 'things' | 'metric_definitions') => {
    const names = new Map<string, string>();
    const statement = `select id::text, name from app.${table} where org_id = $1::uuid order by id`;
    for await (const rows of snapshot.rows(statement, [snapshot.orgId], namesPerFetch)) {
      for (const [id, name] of rows) names.set(String(id), String(name));
    }
    return names;
  };
  return { things: await namesIn('things'), metrics: await namesIn('metric_definitions') };
}

/** The readings of all things as NDJSON and as CSV, by thing, metric and moment. */
export function readingsFiles(snapshot: TelemetrySnapshot, names: ReadingNames, retentionDays: number): ArchiveFile[] {
  const file = (name: string, header: string, write: LineWriter): ArchiveFile => ({
    name,
    async *content(count) {
      if (header !== '') yield header;
      for (const [thingId, thing] of names.things) {
        for await (const readings of snapshot.readings(thingId, retentionDays)) {
          yield write(readings, { thingId, thing, metrics: names.metrics });
          count(readings.length);
        }
      }
    },
  });
  return [
    file('telemetry/readings.ndjson', '', jsonLines),
    file('telemetry/readings.csv', csvLines([['thing_id', 'thing', 'metric_id', 'metric', 'at', 'value']]), csvRows),
  ];
}

interface ThingOfReadings {
  readonly thingId: string;
  readonly thing: string;
  readonly metrics: ReadonlyMap<string, string>;
}

type LineWriter = (readings: readonly ExportedReading[], of: ThingOfReadings) => string;

function jsonLines(readings: readonly ExportedReading[], { thingId, thing, metrics }: ThingOfReadings): string {
  const ofThing = `{"thing_id":"${thingId}","thing":${JSON.stringify(thing)}`;
  return readings
    .map(({ metricId, at, value }) => {
      const metric = JSON.stringify(metrics.get(metricId) ?? null);
      return `${ofThing},"metric_id":${JSON.stringify(metricId)},"metric":${metric},"at":"${at}","value":${value}}\n`;
    })
    .join('');
}

function csvRows(readings: readonly ExportedReading[], { thingId, thing, metrics }: ThingOfReadings): string {
  return csvLines(
    readings.map(({ metricId, at, value }) => [
      thingId,
      thing,
      metricId,
      metrics.get(metricId) ?? null,
      at,
      // A text without the quotation marks of JSON.
      value.startsWith('"') ? (JSON.parse(value) as string) : value,
    ]),
  );
}
