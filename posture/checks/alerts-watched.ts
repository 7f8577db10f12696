import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Check, notProvided, passUnless } from '../check.js';
import { asSystem } from '../system/as-system.js';

/** Seconds since the watch over alerts has shown itself, at most: it does every 15 s. */
const maxSeconds = 90;
/** Milliseconds that a change may wait for its receiver: attempts are 5 minutes apart at most. */
const maxUntoldMs = 15 * 60_000;

/** What the watch keeps in home of each alert, as far as it says who was told. */
const kept = z.object({
  alerts: z.array(
    z.object({
      isFiring: z.boolean(),
      since: z.string(),
      resolvedAt: z.string().nullable(),
      told: z.object({ since: z.string() }).nullable(),
    }),
  ),
});
type KeptAlert = z.infer<typeof kept>['alerts'][number];

/** The watch runs that looks for faults every 15 s, and what it has found was taken by the receiver of alerts. */
export const alertsWatched: Check = {
  id: 'alerts-watched',
  title: 'The watch that raises alerts runs, and somebody is told of them',
  look: async (context) => {
    const [watch] = await asSystem(
      context,
      (tx) => tx.sql<{ seconds: number }[]>`
        select min(seen_seconds) as seconds from platform.list_processes() where kind = 'supervisor'`,
    );
    const { home, hasAlertReceiver } = context.configuration;
    const faults: string[] = [];
    if (!((watch?.seconds ?? Number.POSITIVE_INFINITY) <= maxSeconds)) {
      faults.push(`the watch has not shown itself for ${maxSeconds} s`);
    }
    if (!hasAlertReceiver && faults.length === 0) return notProvided('no ALERT_WEBHOOK_URL: nobody is told of alerts');
    const untold = readAlerts(home).filter((alert) => isUntold(alert, context.now)).length;
    if (untold > 0) faults.push(`${untold} changes of alerts were not taken by the receiver for 15 minutes`);
    return passUnless(faults, 'it has shown itself, and no alert waits for its receiver');
  },
};

/** A change that the receiver does not know, though it is older than the pauses between attempts. */
function isUntold({ isFiring, since, resolvedAt, told }: KeptAlert, now: Date): boolean {
  const isKnown = isFiring ? told?.since === since : told === null;
  return !isKnown && now.getTime() - Date.parse(isFiring ? since : (resolvedAt ?? since)) > maxUntoldMs;
}

/** The alerts as the watch keeps them; none before the first. */
function readAlerts(home: string): readonly KeptAlert[] {
  let text: string;
  try {
    text = readFileSync(join(home, 'alerts.json'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return kept.parse(JSON.parse(text)).alerts;
}
