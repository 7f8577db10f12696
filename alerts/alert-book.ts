import type { Sample } from '../signals/process-metrics.js';
import { type Alert, rememberedMs } from './alert.js';
import { type AlertRule, findingOf } from './alert-rule.js';
import type { AlertRow } from './list-alerts.js';

/** What an alert says while it fires. */
type Saying = Pick<Alert, 'severity' | 'summary' | 'remedy' | 'evidence'>;

/** The alerts of a deployment: which fire, since when, and what the receiver knows of it. */
export class AlertBook {
  readonly #alerts: Map<string, Alert>;
  /** Since when the number of a rule is bad, by the steady clock, in milliseconds. */
  readonly #badSinceMs = new Map<string, number>();
  #isChanged = false;

  /** @param alerts as they were remembered */
  constructor(alerts: readonly Alert[] = []) {
    this.#alerts = new Map(alerts.map((each) => [each.name, each]));
  }

  get alerts(): readonly Alert[] {
    return [...this.#alerts.values()];
  }

  /** Whether anything has changed since this was asked last. */
  takeChange(): boolean {
    const isChanged = this.#isChanged;
    this.#isChanged = false;
    return isChanged;
  }

  /**
   * Fires or resolves what rules say of the samples; a rule whose metric was not measured stays as it is.
   * @param facts what goes with the alerts of rules that name it
   * @param steadyMs a clock that does not jump
   */
  applyRules(
    rules: readonly AlertRule[],
    samples: readonly Sample[],
    facts: Readonly<Record<string, unknown>>,
    now: Date,
    steadyMs: number,
  ): void {
    for (const rule of rules) {
      const finding = findingOf(rule, samples);
      if (finding === undefined) continue;
      if (!finding.isBad) {
        this.#badSinceMs.delete(rule.name);
        this.#resolve(rule.name, now);
        continue;
      }
      const badSinceMs = this.#badSinceMs.get(rule.name) ?? steadyMs;
      this.#badSinceMs.set(rule.name, badSinceMs);
      if (steadyMs - badSinceMs < rule.forSeconds * 1000 && this.#alerts.get(rule.name)?.isFiring !== true) continue;
      const { severity, summary, remedy, evidence } = rule;
      const said = { value: finding.value, ...finding.labels, ...(evidence && { [evidence]: facts[evidence] }) };
      this.#fire(rule.name, { severity, summary, remedy, evidence: said }, now);
    }
  }

  /** Takes over what others have set in the database, all of it: what is not there any more is over. */
  applyRows(rows: readonly AlertRow[], rules: readonly AlertRule[], now: Date): void {
    const own = new Set(rules.map(({ name }) => name));
    const firing = rows.filter(({ name, isFiring }) => isFiring && !own.has(name));
    for (const { name, severity, summary, evidence, since } of firing) {
      this.#fire(name, { severity, summary, remedy: null, evidence }, since);
    }
    const names = new Set(firing.map(({ name }) => name));
    for (const { name } of this.alerts) if (!own.has(name) && !names.has(name)) this.#resolve(name, now);
  }

  /** Those that the receiver is to be told of: a change, or that they fire still. */
  untold(now: Date, repeatMs: number): Alert[] {
    return this.alerts.filter(({ isFiring, since, told }) => {
      if (!isFiring) return told !== null;
      return told?.since !== since || now.getTime() - Date.parse(told.at) >= repeatMs;
    });
  }

  /** The receiver was told of these as they were then. */
  noteTold(alerts: readonly Alert[], now: Date): void {
    for (const { name, isFiring, since } of alerts) {
      const found = this.#alerts.get(name);
      if (found !== undefined) found.told = isFiring ? { since, at: now.toISOString() } : null;
    }
    if (alerts.length > 0) this.#isChanged = true;
  }

  #fire(name: string, saying: Saying, since: Date): void {
    const found = this.#alerts.get(name);
    if (found?.isFiring === true) {
      Object.assign(found, saying);
      return;
    }
    const told = found?.told ?? null;
    this.#alerts.set(name, { name, ...saying, isFiring: true, since: since.toISOString(), resolvedAt: null, told });
    this.#isChanged = true;
  }

  #resolve(name: string, now: Date): void {
    const found = this.#alerts.get(name);
    if (found === undefined) return;
    if (found.isFiring) {
      found.isFiring = false;
      found.resolvedAt = now.toISOString();
      this.#isChanged = true;
    } else if (now.getTime() - Date.parse(found.resolvedAt ?? found.since) > rememberedMs && found.told === null) {
      this.#alerts.delete(name);
      this.#isChanged = true;
    }
  }
}
