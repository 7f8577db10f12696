import type { Database } from './database.js';
import { translateDatabaseError } from './database-errors.js';
import { poolOf } from './pool.js';

/** An alert as `platform.set_alert` takes it. */
export interface AlertSetting {
  /** What is wrong, and after a slash what it is about: `DrillFailed`, `PromiseBroken/audit-sealed`. */
  readonly name: string;
  readonly isFiring: boolean;
  /** `page`: somebody is to be woken; `ticket`: it can wait until the morning. */
  readonly severity: 'page' | 'ticket';
  /** One sentence, 500 characters at most. */
  readonly summary: string;
  /** Numbers and names that say why, 4,000 bytes at most; no values of organizations. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** Sets or clears an alert; alerts belong to no organization, so that this goes around `withOrg`. */
export async function setAlert(database: Database, alert: AlertSetting): Promise<void> {
  const { name, isFiring, severity, summary, evidence } = alert;
  try {
    await poolOf(database)`
      select platform.set_alert(${name}, ${isFiring}, ${severity}, ${summary}, ${JSON.stringify(evidence)}::text::jsonb)`;
  } catch (error) {
    throw translateDatabaseError(error);
  }
}
