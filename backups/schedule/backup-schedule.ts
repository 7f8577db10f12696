import { ZoneTime } from '../../domain/input/zone-time.js';

/** When base backups are taken. */
export interface BackupSchedule {
  /** Local time of day, `04:00`. */
  readonly time: string;
  /** IANA name of the zone. */
  readonly zone: string;
  /** 2: at that time and twelve hours apart from it too. */
  readonly timesADay: 1 | 2;
}

const dayMs = 86_400_000;
/** Clocks are put forward by 30 or 60 minutes: a time that they skip comes as soon as there is one again. */
const skipStepMinutes = 15;
const maxSkipSteps = 12;

/** Days around a moment in which the one before and the one after it are: of some, a zone has left one out. */
const nearDays = [-2, -1, 0, 1, 2];

/**
 * The last moment of a schedule that has come. There is exactly one for each local day and time, also on the days on
 * which clocks change: of a time that comes twice the first is meant, and one that is skipped comes right after.
 */
export function lastDue(schedule: BackupSchedule, now: Date): Date {
  return found(momentsOf(schedule, now, nearDays.toReversed()), (moment) => moment <= now.getTime());
}

/** The next moment of a schedule. */
export function nextDue(schedule: BackupSchedule, now: Date): Date {
  return found(momentsOf(schedule, now, nearDays.slice(1)), (moment) => moment > now.getTime());
}

function found(moments: Iterable<number>, isWanted: (moment: number) => boolean): Date {
  for (const moment of moments) if (isWanted(moment)) return new Date(moment);
  throw new RangeError('a schedule without moments');
}

/** The moments of local days, forwards or backwards as the days are given. */
function* momentsOf(schedule: BackupSchedule, at: Date, days: readonly number[]): Generator<number> {
  const zone = ZoneTime.of(schedule.zone);
  const { year, month, day } = zone.toLocal(at.getTime());
  const [hour = 0, minute = 0] = schedule.time.split(':').map(Number);
  const hours = schedule.timesADay === 2 ? [hour % 12, (hour % 12) + 12] : [hour];
  const isBackwards = (days[0] ?? 0) > (days.at(-1) ?? 0);
  for (const offset of days) {
    const date = new Date(Date.UTC(year, month - 1, day) + offset * dayMs);
    for (const each of isBackwards ? hours.toReversed() : hours) {
      const moment = momentOf(zone, date, each * 60 + minute);
      if (moment !== undefined) yield moment;
    }
  }
}

function momentOf(zone: ZoneTime, date: Date, minutes: number): number | undefined {
  for (let step = 0; step <= maxSkipSteps; step += 1) {
    const local = new Date(date.getTime() + (minutes + step * skipStepMinutes) * 60_000);
    const found = zone.toMillis({
      year: local.getUTCFullYear(),
      month: local.getUTCMonth() + 1,
      day: local.getUTCDate(),
      hour: local.getUTCHours(),
      minute: local.getUTCMinutes(),
      second: 0,
      millisecond: 0,
    });
    if (found !== undefined) return found;
  }
  return undefined;
}
