import type { Bin } from '../../telemetry/bin.js';
import type { TelemetryMetric } from '../../telemetry/metric.js';

/** A reading as a test made it; `value` as it is answered raw. */
export interface MadeReading {
  readonly thingId: string;
  readonly atMs: number;
  readonly value: string | number;
}

/**
 * What a binned series has to be, computed without SQL and without the code under test: days come from ICU's time zones,
 * the start of a day by walking back minute by minute, sums from BigInt.
 */
export function expectedBins(
  metric: TelemetryMetric,
  bin: Bin,
  readings: readonly MadeReading[],
): { atMs: number; value: unknown }[] {
  const bins = new Map<number, MadeReading[]>();
  for (const reading of readings) {
    const start = binStartMs(bin, reading.atMs);
    bins.set(start, [...(bins.get(start) ?? []), reading]);
  }
  return [...bins]
    .sort(([left], [right]) => left - right)
    .map(([atMs, content]) => ({ atMs, value: aggregate(metric, content) }));
}

function aggregate(metric: TelemetryMetric, readings: MadeReading[]): unknown {
  const ordered = [...readings].sort((a, b) => a.atMs - b.atMs || (a.thingId < b.thingId ? -1 : 1));
  switch (metric.defaultAggregation) {
    case 'FIRST':
      return ordered[0]!.value;
    case 'LAST':
      return ordered.at(-1)!.value;
    case 'COUNT':
      return ordered.length;
    default: {
      const isSum = metric.defaultAggregation === 'SUM';
      if (metric.dataType === 'INT') {
        const sum = ordered.reduce((total, reading) => total + BigInt(reading.value), 0n);
        return isSum ? sum.toString() : Number(sum) / ordered.length;
      }
      const sum = ordered.reduce((total, reading) => total + Number(reading.value), 0);
      return isSum ? sum : sum / ordered.length;
    }
  }
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

function binStartMs(bin: Bin, atMs: number): number {
  if (bin.unit !== 'DAY') {
    const widthMs = bin.value * (bin.unit === 'MINUTE' ? minuteMs : 60 * minuteMs);
    return atMs - (((atMs % widthMs) + widthMs) % widthMs);
  }
  const zone = bin.timeZone ?? 'UTC';
  const day = localDay(zone, atMs);
  const firstDay = day - (((day % bin.value) + bin.value) % bin.value);
  return startOfDayMs(zone, firstDay);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Days since 1970-01-01 on the calendar of a zone. */
function localDay(zone: string, atMs: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(zone, format);
  }
  return Date.parse(`${format.format(new Date(atMs))}T00:00:00Z`) / dayMs;
}

const starts = new Map<string, number>();

/** The first minute of a local day: from noon UTC of the day before, on. */
function startOfDayMs(zone: string, day: number): number {
  const key = `${zone} ${day}`;
  let atMs = starts.get(key);
  if (atMs === undefined) {
    atMs = day * dayMs - 16 * 60 * minuteMs;
    while (localDay(zone, atMs) < day) atMs += minuteMs;
    starts.set(key, atMs);
  }
  return atMs;
}
