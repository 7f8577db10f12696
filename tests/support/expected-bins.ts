import { expect } from '@jest/globals';
import type { Bin } from '../../telemetry/bin.js';
import type { TelemetryMetric } from '../../telemetry/metric.js';
import type { Series } from '../../telemetry/point-columns.js';
import { pointsOf } from './telemetry-points.js';

/** A reading as a test made it; `value` as it is answered raw. */
export interface MadeReading {
  readonly thingId: string;
  readonly atMs: number;
  readonly value: string | number;
}

/**
 * Compares binned series with what they have to be if each of their metrics has these readings, computed without SQL and
 * without the code under test: days come from ICU's time zones, the start of a day by walking there, sums from BigInt.
 */
export function expectSeries(got: readonly Series[], bin: Bin, readings: readonly MadeReading[]): void {
  // Doubles may be added in any order: the error is relative to what was added, not to what is left of it.
  const tolerance = 1e-12 * readings.reduce((sum, { value }) => sum + Math.abs(Number(value)), 0);
  const bins = binsOf(bin, readings);
  for (const series of got) {
    const { metric } = series;
    const points = pointsOf(series);
    expect([metric.name, points.map((point) => point.atMs)]).toEqual([metric.name, bins.map(({ atMs }) => atMs)]);
    for (const [index, { value }] of points.entries()) {
      const wanted = aggregate(metric, bins[index]!.content);
      if (typeof wanted !== 'number') expect([metric.name, value]).toEqual([metric.name, wanted]);
      else expect(Math.abs(Number(value) - wanted)).toBeLessThanOrEqual(tolerance);
    }
  }
}

/** Bins in order of time, each with its readings in order of (instant, thing id). */
function binsOf(bin: Bin, readings: readonly MadeReading[]): { atMs: number; content: MadeReading[] }[] {
  const bins = new Map<number, MadeReading[]>();
  const ordered = [...readings].sort((a, b) => a.atMs - b.atMs || (a.thingId < b.thingId ? -1 : 1));
  for (const reading of ordered) {
    const start = binStartMs(bin, reading.atMs);
    const content = bins.get(start);
    if (content === undefined) bins.set(start, [reading]);
    else content.push(reading);
  }
  return [...bins].map(([atMs, content]) => ({ atMs, content }));
}

function aggregate({ dataType, defaultAggregation }: TelemetryMetric, readings: readonly MadeReading[]): unknown {
  const typed = ({ value }: MadeReading) => (dataType === 'DOUBLE' ? Number(value) : value);
  switch (defaultAggregation) {
    case 'FIRST':
      return typed(readings[0]!);
    case 'LAST':
      return typed(readings.at(-1)!);
    case 'COUNT':
      return readings.length;
    default: {
      const isSum = defaultAggregation === 'SUM';
      if (dataType === 'INT') {
        const sum = readings.reduce((total, { value }) => total + BigInt(value), 0n);
        return isSum ? sum.toString() : Number(sum) / readings.length;
      }
      const sum = readings.reduce((total, { value }) => total + Number(value), 0);
      return isSum ? sum : sum / readings.length;
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

/** The first moment of a local day, from noon UTC of the day before on: clocks change at quarters of an hour. */
function startOfDayMs(zone: string, day: number): number {
  const key = `${zone} ${day}`;
  let atMs = starts.get(key);
  if (atMs === undefined) {
    atMs = day * dayMs - 16 * 60 * minuteMs;
    while (localDay(zone, atMs) < day) atMs += 15 * minuteMs;
    starts.set(key, atMs);
  }
  return atMs;
}
