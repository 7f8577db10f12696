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
  /** Key that wraps the private keys of the organizations' vaults, 32 bytes. */
  readonly rootKey: Buffer;
  /** Key that opens the credentials of telemetry databases, 32 bytes. */
  readonly telemetryKey: Buffer;
  /** Id of this deployment, bound into sealed secrets. */
  readonly deployment: string;
  /** Least level of log lines. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}
