import type { AcceptedWindow } from '../../telemetry/accepted-window.js';
import type { OpenThings } from './open-things.js';

/** Milliseconds by which a clock may be ahead of ours. */
const clockToleranceMs = 5 * 60_000;

/** Which instants are accepted for things that were opened. */
export function acceptedWindow({ oldestMs, nowMs }: OpenThings): AcceptedWindow {
  return { oldestMs, newestMs: nowMs + clockToleranceMs };
}
