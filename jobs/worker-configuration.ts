import type { BucketAddress } from '../bucket/bucket.js';
import type { EgressPolicy } from '../integrations/egress/egress-policy.js';
import type { PostureConfiguration } from '../posture/posture-configuration.js';
import type { LogFiles } from '../signals/log-files.js';
import type { TracingConfiguration } from '../tracing/tracing-configuration.js';
import type { KeyVersions } from '../vault/held-keys.js';

/** What a worker process is given: addresses with the credentials of its own roles, and its keys. */
export interface WorkerConfiguration {
  /** Operational database as `bulkhead_worker`. */
  readonly operationalUrl: string;
  /** Vault as `bulkhead_vault_reader`. */
  readonly vaultUrl: string;
  /** Cluster of the telemetry databases as `bulkhead_provisioner`. */
  readonly provisionerUrl: string;
  /** Key that signs contexts, 32 bytes. */
  readonly contextKey: Buffer;
  /** Keys that wrap the private keys of the organizations' vaults. */
  readonly rootKeys: KeyVersions;
  /** Key that opens the credentials of telemetry databases, 32 bytes. */
  readonly telemetryKey: Buffer;
  /** Key that signs the audit log: an Ed25519 seed, 32 bytes. */
  readonly auditKey: Buffer;
  readonly checkpoints: CheckpointConfiguration;
  /** Directory of the ledger of deletions, and of their certificates. */
  readonly ledgerDirectory: string;
  /** Id of this deployment, bound into sealed secrets. */
  readonly deployment: string;
  /** Where deliveries may go (default the public internet only). */
  readonly egress?: EgressPolicy;
  /** Redis that keeps the token buckets of all gateways and workers (default PostgreSQL); a secret. */
  readonly redisUrl?: string;
  /** Directory of archives. */
  readonly exportDirectory: string;
  /** Where spans are sent (default nowhere: none are recorded). */
  readonly tracing?: TracingConfiguration;
  /** What the job of posture looks at (default nothing, for a worker that no `bulkhead start` has started). */
  readonly posture?: PostureConfiguration;
  /** Where its log is kept (default nowhere: lines go to standard output). */
  readonly logFiles?: LogFiles;
  /** Least level of log lines. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** How often the audit log is signed, and where copies of it go. */
export interface CheckpointConfiguration {
  /** Seconds between two checkpoints at most, 1–60 (default 60). */
  readonly everySeconds: number;
  /** Directory of the segments. */
  readonly directory: string;
  /** Bucket that gets the same segments. */
  readonly bucket?: BucketAddress;
  /** Address that gets each checkpoint. */
  readonly webhookUrl?: string;
}
