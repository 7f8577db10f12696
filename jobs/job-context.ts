import type { Logger } from 'pino';
import type { SharedBuckets } from '../auth/rate-limits/shared-buckets.js';
import type { Database } from '../db/database.js';
import type { TelemetryService } from '../domain/telemetry/telemetry-service.js';
import type { ProcessMetrics } from '../signals/process-metrics.js';
import type { HeldKeys } from '../vault/held-keys.js';
import type { WorkerConfiguration } from './worker-configuration.js';

/** What jobs on telemetry work with, which a command can have too. */
export interface TelemetryJobContext {
  readonly configuration: Pick<WorkerConfiguration, 'provisionerUrl'>;
  /** Operational database as `bulkhead_worker`. */
  readonly operational: Database;
  readonly log: Logger;
}

/** What the jobs of a worker work with. */
export interface JobContext extends TelemetryJobContext {
  readonly configuration: WorkerConfiguration;
  /** The token buckets of organizations where Redis keeps them. */
  readonly sharedBuckets?: SharedBuckets;
  /** Vault as `bulkhead_vault_reader`. */
  readonly vault: Database;
  /** Keys that wrap the private keys of the organizations' vaults. */
  readonly rootKeys: HeldKeys;
  /** Telemetry of organizations, each by its own role. */
  readonly telemetry: TelemetryService;
  /** What the worker measures. */
  readonly metrics: ProcessMetrics;
}
