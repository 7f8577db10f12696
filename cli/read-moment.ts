import { UsageMistake } from './usage-mistake.js';

/**
 * A moment as an option takes it: ISO 8601 with an offset, or a day, which begins in UTC.
 * @param option as it is written, for the message
 * @throws UsageMistake
 */
export function readMoment(option: string, text: string): Date {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime()) || !/^\d{4}-\d{2}-\d{2}(T.*(Z|[+-]\d{2}:\d{2}))?$/.test(text)) {
    throw new UsageMistake(`${option} is no moment: write it like 2027-01-01T00:00:00Z.`);
  }
  return moment;
}
