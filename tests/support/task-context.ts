import { pino } from 'pino';
import { closeDatabase, openDatabase } from '../../db/database.js';
import type { TaskContext } from '../../jobs/task.js';
import type { TestDeployment } from './test-deployment.js';

/** Runs `work` with what a run of a worker of the deployment works with. */
export async function withTaskContext<T>(
  deployment: TestDeployment,
  work: (context: TaskContext) => Promise<T>,
): Promise<T> {
  const { urlOf, cluster, telemetryKey, rootKey } = deployment;
  const configuration = {
    operationalUrl: urlOf('operational', 'bulkhead_worker'),
    vaultUrl: urlOf('vault', 'bulkhead_vault_reader'),
    provisionerUrl: urlOf('operational', 'bulkhead_provisioner'),
    contextKey: Buffer.from(cluster.contextKey, 'hex'),
    telemetryKey,
    rootKey,
    deployment: 'test',
    logLevel: 'silent' as const,
  };
  const pool = { contextKey: configuration.contextKey, applicationName: 'test' };
  const context: TaskContext = {
    configuration,
    operational: openDatabase({ ...pool, url: configuration.operationalUrl }),
    vault: openDatabase({ ...pool, url: configuration.vaultUrl }),
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
    now: new Date(),
  };
  try {
    return await work(context);
  } finally {
    await Promise.all([closeDatabase(context.operational), closeDatabase(context.vault)]);
  }
}
