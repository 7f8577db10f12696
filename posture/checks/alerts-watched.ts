import { type Check, passUnless } from '../check.js';
import { asSystem } from '../system/as-system.js';

/** Seconds since the watch over alerts has shown itself, at most: it does every 15 s. */
const maxSeconds = 90;

/** The watch runs that looks for faults every 15 s, notes alerts and tells who is to be told. */
export const alertsWatched: Check = {
  id: 'alerts-watched',
  title: 'The watch that raises alerts runs',
  look: async (context) => {
    const [watch] = await asSystem(
      context,
      (tx) => tx.sql<{ seconds: number }[]>`
        select min(seen_seconds) as seconds from platform.list_processes() where kind = 'supervisor'`,
    );
    const seconds = watch?.seconds ?? Number.POSITIVE_INFINITY;
    return passUnless(
      seconds <= maxSeconds ? [] : [`the watch has not shown itself for ${maxSeconds} s`],
      'it has shown itself',
    );
  },
};
