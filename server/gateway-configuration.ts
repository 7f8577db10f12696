import type { EgressPolicy } from '../integrations/egress/egress-policy.js';
import type { LogFiles } from '../signals/log-files.js';
import type { TracingConfiguration } from '../tracing/tracing-configuration.js';

/** What a gateway process is given: addresses with the credentials of its own roles, and its own keys. */
export interface GatewayConfiguration {
  /** Address to listen on (default 127.0.0.1). */
  readonly host: string;
  /** Port to listen on (default 4000; 0 for any free one). */
  readonly port: number;
  /** Operational database as `bulkhead_gateway`. */
  readonly operationalUrl: string;
  /** Vault as `bulkhead_vault_writer`. */
  readonly vaultUrl: string;
  /** Key that signs contexts, 32 bytes. */
  readonly contextKey: Buffer;
  /** Key that opens the credentials of telemetry databases, 32 bytes. */
  readonly telemetryKey: Buffer;
  /** Label inside API keys, 1–16 lower-case letters and digits (default `live`). */
  readonly environment: string;
  /** Id of this deployment, bound into sealed secrets. */
  readonly deployment: string;
  /** Proxies whose X-Forwarded-For is believed: addresses and networks (default none). */
  readonly trustedProxies: readonly string[];
  /** Telemetry databases that are kept connected at a time, with two connections each (default 100). */
  readonly telemetryPools: number;
  /** Where deliveries may go (default the public internet only). */
  readonly egress?: EgressPolicy;
  /** Redis that keeps the token buckets of all gateways and workers (default PostgreSQL); a secret. */
  readonly redisUrl?: string;
  /** Directory of archives, the same for the worker and all gateways. */
  readonly exportDirectory: string;
  /** Milliseconds between two notes of its metrics in the database (default 15 s). */
  readonly reportEveryMs?: number;
  /** Where spans are sent (default nowhere: none are recorded). */
  readonly tracing?: TracingConfiguration;
  /** Where its log is kept (default nowhere: lines go to standard output). */
  readonly logFiles?: LogFiles;
  /** Least level of log lines (default info). */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}
