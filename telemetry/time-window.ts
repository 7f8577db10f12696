import { invalidInput } from '../errors/bulkhead-error.js';

/** 9999-12-31T23:59:59.999Z: what ISO 8601 writes with four digits. */
const lastInstantMs = 253_402_300_799_999;

/** A half-open window of time, in epoch ms. */
export interface TimeWindow {
  /** Inclusive. */
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
}

/**
 * Checks a window as asked for, and cuts it at the retention of the organization: what is older is not answered, whether
 * or not it is still on disk.
 * @param oldestMs the retention cut-off, inclusive
 * @returns the window to read, empty (`startMs >= endMs`) where all of it has expired
 * @throws BulkheadError BAD_USER_INPUT for a window that is empty or no time at all
 */
export function retainedWindow(asked: TimeWindow, oldestMs: number): TimeWindow {
  requireInstant('start', asked.startMs);
  requireInstant('end', asked.endMs);
  if (asked.startMs >= asked.endMs) throw invalidInput('end', 'has to be after start');
  return { startMs: Math.max(asked.startMs, oldestMs), endMs: asked.endMs };
}

/** Refuses what is no time in epoch ms, up to the year 9999. @throws BulkheadError BAD_USER_INPUT */
export function requireInstant(field: string, atMs: number): void {
  if (!Number.isSafeInteger(atMs) || Math.abs(atMs) > lastInstantMs) throw invalidInput(field, 'is not an instant');
}

/** The instants of a window as the driver binds them. */
export function windowDates(window: TimeWindow): { readonly from: Date; readonly to: Date } {
  return { from: new Date(window.startMs), to: new Date(window.endMs) };
}
