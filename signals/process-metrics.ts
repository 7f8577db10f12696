import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type MetricDefinition, type MetricName, metricDefinitions, type ProcessKind } from './metric-definitions.js';

/** Values of labels, in words of our own. */
export type Labels = Readonly<Record<string, string>>;

/** One value that was measured. */
export interface Sample {
  readonly name: MetricName;
  readonly labels: Labels;
  readonly value: number;
}

/** Names that a defect of this file alone could miss. */
type Metric = Counter | Gauge | Histogram;

/** The metrics of one process, each of them labelled with its kind: `process="gateway"`. */
export class ProcessMetrics {
  readonly kind: ProcessKind;
  readonly #register = new Registry();
  readonly #metrics = new Map<MetricName, Metric>();
  readonly #collectors: (() => void | Promise<void>)[] = [];

  constructor(kind: ProcessKind) {
    this.kind = kind;
    this.#register.setDefaultLabels({ process: kind });
    for (const [name, definition] of Object.entries(metricDefinitions) as [MetricName, MetricDefinition][]) {
      if (definition.of.includes(kind)) this.#metrics.set(name, makeMetric(name, definition, this.#register));
    }
  }

  /** Adds those of Node: processor, memory, event loop, garbage collection. */
  measureProcess(): void {
    collectDefaultMetrics({ register: this.#register, prefix: 'bulkhead_' });
  }

  /** Counts. */
  count(name: MetricName, labels: Labels = {}, by = 1): void {
    (this.#metrics.get(name) as Counter | undefined)?.inc(labels, by);
  }

  /** Counts a duration in seconds. */
  observe(name: MetricName, labels: Labels, seconds: number): void {
    (this.#metrics.get(name) as Histogram | undefined)?.observe(labels, seconds);
  }

  /** Replaces all values of a gauge, or of a counter that is counted elsewhere. */
  set(name: MetricName, values: readonly (readonly [Labels, number])[]): void {
    const metric = this.#metrics.get(name);
    metric?.reset();
    for (const [labels, value] of values) (metric as Gauge | undefined)?.inc(labels, value);
  }

  /** Has `collect` called before each look: it sets what is not counted as it happens. */
  onLook(collect: () => void | Promise<void>): void {
    this.#collectors.push(collect);
  }

  /** All metrics with their present values, in the JSON of prom-client. */
  async look(): Promise<readonly object[]> {
    for (const collect of this.#collectors) await collect();
    return this.#register.getMetricsAsJSON();
  }
}

function makeMetric(name: string, { type, help, labels = [], buckets }: MetricDefinition, register: Registry): Metric {
  const common = { name, help, labelNames: [...labels], registers: [register] };
  if (type === 'counter') return new Counter(common);
  if (type === 'gauge') return new Gauge(common);
  return new Histogram({ ...common, ...(buckets === undefined ? {} : { buckets: [...buckets] }) });
}
