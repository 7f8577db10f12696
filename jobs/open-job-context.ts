import type { Logger } from 'pino';
import { closeDatabase, openDatabase } from '../db/database.js';
import { TelemetryService } from '../domain/telemetry/telemetry-service.js';
import { ProcessMetrics } from '../signals/process-metrics.js';
import { HeldKeys } from '../vault/held-keys.js';
import type { JobContext } from './job-context.js';
import type { WorkerConfiguration } from './worker-configuration.js';

/** Organizations whose telemetry databases a worker keeps connected at a time. */
const maxTelemetryPools = 20;

/** Opens what jobs work with; connections are made when they are needed. */
export function openJobContext(configuration: WorkerConfiguration, log: Logger): JobContext {
  const { contextKey, telemetryKey, operationalUrl, vaultUrl } = configuration;
  const pool = { contextKey, maxConnections: 5, applicationName: 'bulkhead worker' };
  const operational = openDatabase({ ...pool, url: operationalUrl });
  return {
    configuration,
    operational,
    vault: openDatabase({ ...pool, url: vaultUrl }),
    rootKeys: new HeldKeys(configuration.rootKeys),
    telemetry: new TelemetryService(operational, operationalUrl, { telemetryKey, maxPools: maxTelemetryPools }),
    metrics: new ProcessMetrics('worker'),
    log,
  };
}

/** Closes all connections. */
export async function closeJobContext({ operational, vault, telemetry, sharedBuckets }: JobContext): Promise<void> {
  sharedBuckets?.close();
  await telemetry.close();
  await Promise.all([closeDatabase(operational), closeDatabase(vault)]);
}
