import type { MetricName } from '../signals/metric-definitions.js';
import type { Labels, Sample } from '../signals/process-metrics.js';

/** When a number is bad. A rule fires when one series of its metric has been bad for a while. */
export interface AlertRule {
  /** In the words of an alert: `DatabaseDown`. */
  readonly name: string;
  /** `page`: somebody is to be woken; `ticket`: it can wait until the morning. */
  readonly severity: 'page' | 'ticket';
  readonly metric: MetricName;
  /** Labels of the series that are looked at (default all series of the metric). */
  readonly where?: Labels;
  readonly is: 'above' | 'below';
  readonly threshold: number;
  /** Seconds for which it has to be bad. */
  readonly forSeconds: number;
  /** What is wrong, in a sentence. */
  readonly summary: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Fact of the processes that goes with the alert. */
  readonly evidence?: 'wrongKeys' | 'refusedAccess';
}

/** The worst series of a rule now. */
export interface Finding {
  readonly isBad: boolean;
  readonly value: number;
  readonly labels: Labels;
}

/** What the samples say of a rule; undefined when its metric was not measured, which is not to say that all is well. */
export function findingOf(
  { metric, where = {}, is, threshold }: AlertRule,
  samples: readonly Sample[],
): Finding | undefined {
  const sign = is === 'above' ? 1 : -1;
  const series = samples.filter(
    ({ name, labels }) => name === metric && Object.entries(where).every(([label, value]) => labels[label] === value),
  );
  const [worst] = [...series].sort((one, other) => sign * (other.value - one.value));
  if (worst === undefined) return undefined;
  return { isBad: sign * (worst.value - threshold) > 0, value: worst.value, labels: worst.labels };
}
