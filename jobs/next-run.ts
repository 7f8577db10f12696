import type { ParsedCronItem } from 'graphile-worker';

const minuteMs = 60_000;
/** Minutes that are looked ahead: four years and a day, so that a 29 February is found. */
const maxMinutes = (4 * 365 + 2) * 24 * 60;

/** The first minute after a moment at which a schedule is due; undefined if there is none within four years. */
export function nextRun({ match }: Pick<ParsedCronItem, 'match'>, after: Date): Date | undefined {
  const first = Math.floor(after.getTime() / minuteMs) + 1;
  for (let minute = first; minute < first + maxMinutes; minute += 1) {
    const at = new Date(minute * minuteMs);
    const isDue = match({
      min: at.getUTCMinutes(),
      hour: at.getUTCHours(),
      date: at.getUTCDate(),
      month: at.getUTCMonth() + 1,
      dow: at.getUTCDay(),
    });
    if (isDue) return at;
  }
  return undefined;
}
