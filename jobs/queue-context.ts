import type { Logger } from 'pino';
import type { Database } from '../db/database.js';
import type { ProcessMetrics } from '../signals/process-metrics.js';

/** What the taking of jobs from the queue works with. */
export interface QueueContext {
  /** Operational database as a role that takes jobs. */
  readonly operational: Database;
  readonly configuration: {
    /** Its address. */
    readonly operationalUrl: string;
  };
  readonly log: Logger;
  /** What the process measures. */
  readonly metrics: ProcessMetrics;
}
