import { z } from 'zod';
import type { OrgTransaction } from '../db/with-org.js';
import type { ProcessKind } from './metric-definitions.js';

/** Labels and their values, as they may stand in the text format of Prometheus. */
const labels = z.record(z.string().regex(/^[a-z_]{1,40}$/), z.union([z.string().max(200), z.number()]));
const metric = z.object({
  name: z.string().regex(/^bulkhead_[a-z0-9_]{1,80}$/),
  help: z
    .string()
    .max(300)
    .regex(/^[^\n\r]*$/),
  type: z.enum(['counter', 'gauge', 'histogram', 'summary']),
  aggregator: z.string().regex(/^[a-z]{1,20}$/),
  values: z.array(
    z.object({
      value: z.number(),
      labels,
      metricName: z
        .string()
        .regex(/^bulkhead_[a-z0-9_]{1,90}$/)
        .optional(),
    }),
  ),
});

/** Metrics as one process has noted them. */
export type NotedMetric = z.infer<typeof metric>;

/** A process that runs, or did a short while ago. */
export interface NotedProcess {
  readonly process: string;
  readonly kind: ProcessKind;
  /** Seconds since it last noted anything. */
  readonly seenSeconds: number;
  readonly metrics: readonly NotedMetric[];
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** All processes that have noted their metrics in the last 10 minutes; what is not of the form of a metric is left out. */
export async function notedProcesses(tx: OrgTransaction): Promise<NotedProcess[]> {
  const rows = await tx.sql<(Omit<NotedProcess, 'metrics'> & { metrics: unknown[] })[]>`
    select process, kind, seen_seconds as "seenSeconds", metrics, evidence from platform.list_processes()`;
  return rows.map((row) => ({
    ...row,
    metrics: row.metrics.flatMap((each) => {
      const parsed = metric.safeParse(each);
      return parsed.success ? [parsed.data] : [];
    }),
  }));
}
