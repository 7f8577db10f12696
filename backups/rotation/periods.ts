import { ZoneTime } from '../../domain/input/zone-time.js';
import { type Period, periods } from '../base/base-backup.js';

const dayMs = 86_400_000;
/** Days from 1970-01-01, a Thursday, back to the Saturday with which its week begins. */
const thursdayOffset = 5;

/** The periods, by local time, of which a base backup is the first: all in which the one before it was not. */
export function firstPeriods(zone: string, previous: Date | undefined, startedAt: Date): Period[] {
  if (previous === undefined) return [...periods];
  const time = ZoneTime.of(zone);
  const [before, now] = [namesOf(time, previous), namesOf(time, startedAt)];
  return periods.filter((period) => before[period] !== now[period]);
}

/** The year, month, week (from Saturday on) and day that a moment falls into. */
function namesOf(zone: ZoneTime, moment: Date): Readonly<Record<Period, number>> {
  const { year, month, day } = zone.toLocal(moment.getTime());
  const days = Date.UTC(year, month - 1, day) / dayMs;
  return { yearly: year, monthly: year * 12 + month, weekly: Math.floor((days + thursdayOffset) / 7), daily: days };
}
