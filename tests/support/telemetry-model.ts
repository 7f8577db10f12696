import fc from 'fast-check';
import type { Bin } from '../../telemetry/bin.js';
import { ingestFrames } from '../../telemetry/ingest-frames.js';
import type { TelemetryMetric } from '../../telemetry/metric.js';
import type { TelemetryDatabase } from '../../telemetry/telemetry-database.js';
import type { ThingHandle } from '../../telemetry/thing-handle.js';
import type { MadeReading } from './expected-bins.js';
import { metric, wideWindow } from './telemetry-things.js';

/** A metric of each aggregation, and of each type that is aggregated in its own way. */
export const kinds: readonly TelemetryMetric[] = [
  metric('intFirst', 'INT', 'FIRST'),
  metric('intLast', 'INT', 'LAST'),
  metric('intSum', 'INT', 'SUM'),
  metric('intAvg', 'INT', 'AVG'),
  metric('intCount', 'INT', 'COUNT'),
  metric('doubleSum', 'DOUBLE', 'SUM'),
  metric('doubleAvg', 'DOUBLE', 'AVG'),
  metric('doubleFirst', 'DOUBLE', 'FIRST'),
  metric('textFirst', 'STRING', 'FIRST'),
  metric('textLast', 'STRING', 'LAST'),
];

/** Writes the same readings for every metric of each thing, 1,000 frames at a time, of equal moments the last. */
export async function writeReadings(
  database: TelemetryDatabase,
  handles: readonly ThingHandle[],
  readings: readonly MadeReading[],
): Promise<void> {
  for (let from = 0; from < readings.length; from += 1_000) {
    const things = readings.slice(from, from + 1_000).map(({ thingId, atMs, value }) => {
      const handle = handles.find((each) => each.thingId === thingId)!;
      const values = Object.fromEntries(
        handle.metrics.map((each) => [each.name, each.dataType === 'DOUBLE' ? Number(value) : value]),
      );
      return { handle, frames: [{ timestampMs: atMs, values }] };
    });
    await ingestFrames(database, things, wideWindow());
  }
}

/** Readings as they have to be stored: by thing and moment, the last one written. */
export class ReadingModel {
  readonly #readings = new Map<string, MadeReading>();

  write(readings: readonly MadeReading[]): void {
    for (const reading of readings) this.#readings.set(`${reading.thingId} ${reading.atMs}`, reading);
  }

  remove(isGone: (reading: MadeReading) => boolean): void {
    for (const [key, reading] of this.#readings) if (isGone(reading)) this.#readings.delete(key);
  }

  within(startMs: number, endMs: number): MadeReading[] {
    return [...this.#readings.values()].filter(({ atMs }) => atMs >= startMs && atMs < endMs);
  }
}

/** Any bin, with those in the majority that fit rollups. */
export const anyBin: fc.Arbitrary<Bin> = fc.oneof(
  fc.record({
    unit: fc.constant('MINUTE' as const),
    value: fc.oneof(fc.constantFrom(1, 5, 15, 90, 1_440), fc.integer({ min: 1, max: 1_440 })),
  }),
  fc.record({
    unit: fc.constant('HOUR' as const),
    value: fc.oneof(fc.constantFrom(1, 6, 24, 48), fc.integer({ min: 1, max: 744 })),
  }),
  fc.record({
    unit: fc.constant('DAY' as const),
    value: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 40 })),
    timeZone: fc.constantFrom(
      'UTC',
      'UTC',
      'America/New_York',
      'Asia/Kathmandu',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'America/St_Johns',
      'America/Havana',
    ),
  }),
);
