import { dropDatabase } from '../../telemetry/drop-database.js';
import { leftDatabasesOf } from '../../telemetry/left-databases.js';
import { asOnlyRunnerOrLater } from '../as-only-runner.js';
import { inDeletion, noteRemoved, type RunStep } from './deletion.js';

/**
 * Removes the telemetry database and its role, once no provisioning is at it: none begins any more. With it goes what an
 * interrupted `org restore` has left.
 */
export const dropTelemetry: RunStep = async ({ configuration, operational }, { orgId, databaseName, removed }) => {
  const { provisionerUrl } = configuration;
  await asOnlyRunnerOrLater(provisionerUrl, `provisioning:${orgId}`, () =>
    dropDatabase({ provisionerUrl, database: databaseName, role: databaseName }),
  );
  for (const left of await leftDatabasesOf(provisionerUrl, orgId)) {
    await dropDatabase({ provisionerUrl, database: left, role: left });
  }
  if (removed['TELEMETRY'] !== undefined) return;
  await inDeletion(operational, orgId, async (tx) => {
    await noteRemoved(tx, 'TELEMETRY', `database and role ${databaseName}`, 1);
  });
};
