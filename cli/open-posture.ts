import { closeDatabase, openDatabase } from '../db/database.js';
import { readRunningPid } from '../db/embedded/lock-home.js';
import { closePosture, openPosture, type PostureContext } from '../posture/posture-context.js';
import type { Configuration } from '../server/configuration.js';
import { deploymentIdOf } from '../server/deployment-id.js';
import { readKey } from '../server/keys.js';
import { postureConfiguration } from '../server/posture-configuration.js';
import { administratorAddress, deploymentAddresses } from './open-deployment.js';

/** What checks look with, to be closed. */
export interface OpenPosture {
  readonly context: PostureContext;
  close(): Promise<void>;
}

/**
 * Opens what checks look with, on the machine of the home that is configured.
 * @param port port of the gateway
 * @throws BulkheadError UNAVAILABLE when it was never started, or does not run
 */
export async function openPostureHere(configuration: Configuration, port: number): Promise<OpenPosture> {
  const addresses = await deploymentAddresses(configuration);
  const given = postureConfiguration({
    configuration,
    addresses,
    adminUrl: await administratorAddress(configuration),
    auditKey: readKey(configuration, 'audit'),
    deployment: deploymentIdOf(configuration.BULKHEAD_HOME),
    port,
    supervisorPid: readRunningPid(configuration.BULKHEAD_HOME) ?? 0,
  });
  const rows = openDatabase({
    url: addresses.worker,
    contextKey: readKey(configuration, 'context'),
    maxConnections: 1,
    applicationName: 'bulkhead posture',
  });
  const context = openPosture(given, rows, new Date());
  return {
    context,
    close: async () => {
      await closePosture(context);
      await closeDatabase(rows);
    },
  };
}
