import { z } from 'zod';

const moment = z.iso.datetime();

/** An alert as the watch remembers it, also in the file of home. */
export const alert = z.object({
  name: z.string(),
  severity: z.enum(['page', 'ticket']),
  summary: z.string(),
  /** What to do; null where who set it has not said. */
  remedy: z.string().nullable(),
  evidence: z.record(z.string(), z.unknown()),
  isFiring: z.boolean(),
  /** When it began to fire last. */
  since: moment,
  resolvedAt: moment.nullable(),
  /** What the receiver was told last: since when it fires, and when that was said. Null: nothing, or that it is resolved. */
  told: z.object({ since: moment, at: moment }).nullable(),
});

/** An alert. */
export type Alert = z.infer<typeof alert>;

/** Milliseconds for which alerts that are over are remembered. */
export const rememberedMs = 30 * 86_400_000;

/** Name of the file of home in which the watch keeps its alerts. */
export const alertsFile = 'alerts.json';

/** What that file holds. */
export const alertsOfHome = z.object({ alerts: z.array(alert) });
