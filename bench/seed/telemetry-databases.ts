import { openTelemetryPassword } from '../../vault/telemetry-credential.js';
import { asAdmin } from './admin.js';
import type { Deployment } from './deployment.js';

/** Where the telemetry of an organization is, its credential opened. */
export interface TelemetryDatabaseAccess {
  readonly orgId: string;
  /** Name of the database and of its role. */
  readonly name: string;
  readonly password: string;
}

/** The telemetry databases of all organizations. */
export async function telemetryDatabases(deployment: Deployment): Promise<TelemetryDatabaseAccess[]> {
  const rows = await asAdmin(
    deployment,
    'bulkhead',
    (sql) => sql<{ org_id: string; database_name: string; sealed_password: Buffer; state: string }[]>`
      select org_id, database_name, sealed_password, state from platform.telemetry_databases`,
  );
  return rows.map(({ org_id: orgId, database_name: name, sealed_password: sealed }) => ({
    orgId,
    name,
    password: openTelemetryPassword(deployment.ingredients.keys.telemetry, { orgId, databaseName: name }, sealed),
  }));
}
