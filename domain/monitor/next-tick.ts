import { type SQL, sql } from 'drizzle-orm';

/** The next tick of a frequency, by the clock of the database: ticks are whole frequencies since the Unix epoch. */
export function nextTick(frequencyMinutes: number): SQL<Date> {
  const interval = `${frequencyMinutes} minutes`;
  return sql`date_bin(${interval}::interval, now(), 'epoch') + ${interval}::interval`;
}
