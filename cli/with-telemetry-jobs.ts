import { pino } from 'pino';
import { closeDatabase, openDatabase } from '../db/database.js';
import type { TelemetryJobContext } from '../jobs/job-context.js';
import type { Configuration } from '../server/configuration.js';
import { readKey } from '../server/keys.js';
import { deploymentAddresses } from './open-deployment.js';
import { UsageMistake } from './usage-mistake.js';

/**
 * Runs `work` with what jobs on telemetry work with, as the worker of the deployment whose home is configured.
 * @throws UsageMistake beside a gateway that runs apart, which has no credentials of the worker
 * @throws BulkheadError UNAVAILABLE when the deployment was never started, or does not run
 */
export async function withTelemetryJobs<Result>(
  configuration: Configuration,
  work: (context: TelemetryJobContext) => Promise<Result>,
): Promise<Result> {
  if (configuration.GATEWAY_DATABASE_URL !== undefined) {
    throw new UsageMistake('A gateway that runs apart has no worker: give this command where "npm start" runs.');
  }
  const contextKey = readKey(configuration, 'context');
  const { worker, provisioner } = await deploymentAddresses(configuration);
  const operational = openDatabase({ url: worker, contextKey, maxConnections: 2, applicationName: 'bulkhead cli' });
  try {
    // What is refused or fails is told by the command itself.
    const log = pino({ level: 'silent' });
    return await work({ configuration: { provisionerUrl: provisioner }, operational, log });
  } finally {
    await closeDatabase(operational);
  }
}
