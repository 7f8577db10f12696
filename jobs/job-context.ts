import type { Logger } from 'pino';
import type { Database } from '../db/database.js';
import type { WorkerConfiguration } from './worker-configuration.js';

/** What the jobs of a worker work with. */
export interface JobContext {
  readonly configuration: WorkerConfiguration;
  /** Operational database as `bulkhead_worker`. */
  readonly operational: Database;
  /** Vault as `bulkhead_vault_reader`. */
  readonly vault: Database;
  readonly log: Logger;
}
