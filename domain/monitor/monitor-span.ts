import { invalidInput } from '../../errors/bulkhead-error.js';
import type { Bin } from '../../telemetry/bin.js';

/** Lengths of time that a monitor's frequency and lookback may have, in minutes. Each divides a day. */
const minutesOf = {
  M1: 1,
  M2: 2,
  M5: 5,
  M10: 10,
  M12: 12,
  M15: 15,
  M30: 30,
  H1: 60,
  H2: 120,
  H3: 180,
  H6: 360,
  H12: 720,
  D1: 1440,
} as const;

/** A length of time: a letter for minutes, hours or days, and their number. */
export type MonitorSpan = keyof typeof minutesOf;

/** Bins of one window at most: what a faster monitor looks back on is shorter. */
const maxBins = 60;

/** Minutes of a span. */
export function spanMinutes(span: MonitorSpan): number {
  return minutesOf[span];
}

/** The span of a number of minutes that `spanMinutes` gave. */
export function spanOf(minutes: number): MonitorSpan {
  const found = (Object.keys(minutesOf) as MonitorSpan[]).find((span) => minutesOf[span] === minutes);
  if (found === undefined) throw new Error('not a number of minutes that a span has');
  return found;
}

/**
 * Refuses a lookback that does not fit: it is a whole number of frequencies, at most 60, or shorter than one and divides
 * it.
 * @throws BulkheadError BAD_USER_INPUT that lists what fits
 */
export function requireLookback(frequency: MonitorSpan, lookback: MonitorSpan): void {
  if (fits(frequency, lookback)) return;
  const choices = (Object.keys(minutesOf) as MonitorSpan[]).filter((span) => fits(frequency, span));
  throw invalidInput('input.lookback', `must be one of ${choices.join(', ')} for this frequency`);
}

function fits(frequency: MonitorSpan, lookback: MonitorSpan): boolean {
  const [every, back] = [minutesOf[frequency], minutesOf[lookback]];
  return back <= every ? every % back === 0 : back % every === 0 && back / every <= maxBins;
}

/** How a window is cut: into bins of the frequency, or one bin where the lookback is shorter. */
export interface MonitorWindow {
  /** Start of each bin, epoch ms, oldest first. */
  readonly binsMs: readonly number[];
  readonly startMs: number;
  /** The tick itself, exclusive. */
  readonly endMs: number;
  readonly bin: Bin;
}

/** The window that ends with a tick. Ticks are whole frequencies since the Unix epoch, so bins begin where telemetry's do. */
export function windowAt(tickMs: number, frequencyMinutes: number, lookbackMinutes: number): MonitorWindow {
  const binMinutes = Math.min(frequencyMinutes, lookbackMinutes);
  const startMs = tickMs - lookbackMinutes * 60_000;
  return {
    binsMs: Array.from({ length: lookbackMinutes / binMinutes }, (_, index) => startMs + index * binMinutes * 60_000),
    startMs,
    endMs: tickMs,
    bin: { unit: 'MINUTE', value: binMinutes },
  };
}

/** The last tick at or before a moment. */
export function tickBefore(nowMs: number, frequencyMinutes: number): number {
  const everyMs = frequencyMinutes * 60_000;
  return Math.floor(nowMs / everyMs) * everyMs;
}
