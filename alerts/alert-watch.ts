import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { noteProcess } from '../db/note-process.js';
import { setAlert } from '../db/set-alert.js';
import { withOrg } from '../db/with-org.js';
import { BoundedParts } from '../jobs/bounded-parts.js';
import { PeriodicJob } from '../jobs/periodic-job.js';
import type { DeploymentLook, DeploymentMetrics } from '../signals/deployment-metrics.js';
import type { Alert } from './alert.js';
import { AlertBook } from './alert-book.js';
import { type AlertReceiver, tellReceiver } from './alert-receiver.js';
import type { AlertRule } from './alert-rule.js';
import { type AlertRow, listAlerts } from './list-alerts.js';

/** What the watch works with. */
export interface AlertWatchOptions {
  readonly rules: readonly AlertRule[];
  readonly metrics: DeploymentMetrics;
  /** Operational database as `bulkhead_worker`. */
  readonly database: Database;
  /** Where changes are sent (default nowhere: alerts are logged and listed). */
  readonly receiver?: AlertReceiver;
  /** Name of the deployment in messages. */
  readonly deployment: string;
  /** Alerts as they were kept. */
  readonly remembered: readonly Alert[];
  /** Keeps the alerts, so that a restart neither forgets nor repeats any. */
  readonly keep: (alerts: readonly Alert[]) => void;
  readonly log: Logger;
  /** Milliseconds between two looks (default 15 s). */
  readonly everyMs?: number;
  /** Milliseconds after which an alert that fires still is sent again (default 4 hours). */
  readonly repeatMs?: number;
}

const defaults = { everyMs: 15_000, repeatMs: 4 * 3_600_000 };
/** Milliseconds between two attempts to send, at most; the first follow each other as the looks do. */
const maxRetryMs = 300_000;

/** Milliseconds that the exchange with the database may take: what fires is told without it. */
const exchangeMs = 10_000;

/**
 * Looks at a deployment every 15 s, also while PostgreSQL is down, and tells the receiver which alerts fire and which are
 * over. What cannot be sent is sent later.
 */
export class AlertWatch {
  readonly #options: AlertWatchOptions;
  readonly #book: AlertBook;
  readonly #job: PeriodicJob;
  readonly #process = randomUUID();
  readonly #bounded = new BoundedParts();
  #failures = 0;
  #nextAttemptMs = 0;

  constructor(options: AlertWatchOptions) {
    this.#options = options;
    this.#book = new AlertBook(options.remembered);
    const everyMs = options.everyMs ?? defaults.everyMs;
    this.#job = new PeriodicJob({ name: 'alerts', everyMs, run: () => this.#look() }, options.log);
  }

  /** All alerts, also those that are over, of the last 30 days. */
  get alerts(): readonly Alert[] {
    return this.#book.alerts;
  }

  /** Ends the look under way. */
  close(): Promise<void> {
    return this.#job.close();
  }

  async #look(): Promise<void> {
    const { rules, metrics, log } = this.#options;
    const look = await metrics.look();
    const firing = new Set(this.alerts.filter(({ isFiring }) => isFiring).map(({ name }) => name));
    const now = new Date();
    this.#book.applyRules(rules, look.samples, factsOf(look), now, performance.now());
    if (look.isDatabaseUp) {
      const exchanging = this.#bounded.run('exchange', exchangeMs, () => this.#exchange(now));
      await exchanging.catch((error: unknown) => log.warn(fault(error), exchangeFailed));
    }
    for (const { name, isFiring, severity, summary, evidence } of this.alerts) {
      if (isFiring && !firing.has(name)) log.error({ alert: name, severity, evidence }, `alert fires: ${summary}`);
      if (!isFiring && firing.has(name)) log.info({ alert: name, severity }, `alert is over: ${summary}`);
    }
    await this.#tell();
    this.#keep();
  }

  /** Takes over what others have set in the database, and sets there what rules have found. */
  async #exchange(now: Date): Promise<void> {
    const { database, rules, metrics } = this.#options;
    const identity = systemIdentity(deploymentOrgId, 'alerts', randomUUID());
    const rows = await withOrg(database, identity, 'read', listAlerts);
    this.#book.applyRows(rows, rules, now);
    const own = new Set(rules.map(({ name }) => name));
    for (const alert of this.alerts.filter(({ name }) => own.has(name))) {
      if (!isSet(rows, alert)) await setAlert(database, alert);
    }
    const noted = await metrics.metrics.look();
    await noteProcess(database, { process: this.#process, kind: 'supervisor', metrics: noted, evidence: {} });
  }

  async #tell(): Promise<void> {
    const { receiver, deployment, log, everyMs = defaults.everyMs, repeatMs = defaults.repeatMs } = this.#options;
    if (receiver === undefined || performance.now() < this.#nextAttemptMs) return;
    const untold = this.#book.untold(new Date(), repeatMs);
    if (untold.length === 0) return;
    try {
      await tellReceiver(receiver, untold, deployment);
      this.#book.noteTold(untold, new Date());
      this.#failures = 0;
    } catch (error) {
      this.#nextAttemptMs = performance.now() + Math.min(maxRetryMs, everyMs * 2 ** this.#failures - everyMs / 2);
      this.#failures = Math.min(this.#failures + 1, 10);
      log.error(fault(error), 'alerts could not be sent; they are sent again');
    }
  }

  #keep(): void {
    if (!this.#book.takeChange()) return;
    try {
      this.#options.keep(this.alerts);
    } catch (error) {
      this.#options.log.error(fault(error), 'alerts could not be kept: a restart may repeat some');
    }
  }
}

const exchangeFailed = 'alerts could not be exchanged with the database';

function isSet(rows: readonly AlertRow[], { name, isFiring }: Alert): boolean {
  return (rows.find((row) => row.name === name)?.isFiring ?? false) === isFiring;
}

/** The facts of the gateways, those of all of them together. */
function factsOf({ processes }: DeploymentLook): Readonly<Record<string, unknown>> {
  const facts = processes.flatMap(({ evidence }) => Object.entries(evidence));
  const names = new Set(facts.map(([name]) => name));
  return Object.fromEntries([...names].map((name) => [name, facts.flatMap(([of, fact]) => (of === name ? fact : []))]));
}

/** Why something failed: a code or a kind, and no message, which can quote an address with a password. */
function fault(error: unknown): { reason: string } {
  const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: { code?: unknown } };
  const known = [cause?.code, code, name].find((one) => typeof one === 'string');
  return { reason: String(known ?? 'unknown') };
}
