import { randomBytes, randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { newDatabaseName, newDatabasePassword } from '../../telemetry/database-name.js';
import { provisionDatabase } from '../../telemetry/provision-database.js';
import type { TelemetryPlacement } from '../../telemetry/telemetry-database.js';
import { connectAsProvisioner } from '../../telemetry/with-provisioner.js';
import { startTemporaryPostgres, type TemporaryPostgres } from './temporary-postgres.js';

/** A throw-away cluster on which telemetry databases can be provisioned, closed to PUBLIC like a real one. */
export interface TelemetryCluster {
  readonly server: TemporaryPostgres;
  readonly provisionerUrl: string;
  /** A connection as superuser to the database `postgres`. */
  readonly admin: postgres.Sql;
  /** A connection as the provisioner, to the database `postgres` or to a telemetry database as its owner. */
  provisioner(database?: string): postgres.Sql;
  /** The placement of a new organization, with its database provisioned. */
  provision(): Promise<TelemetryPlacement>;
  /** A placement with new names of which nothing exists yet. */
  newPlacement(): TelemetryPlacement;
  stop(): Promise<void>;
}

/** Starts a cluster with a provisioner that has CREATEDB and CREATEROLE and nothing else. */
export async function startTelemetryCluster(): Promise<TelemetryCluster> {
  const server = await startTemporaryPostgres();
  const admin = postgres(server.adminUrl(), { max: 1, fetch_types: false, onnotice: () => {} });
  const password = randomBytes(16).toString('hex');
  await admin.unsafe(`create role bulkhead_provisioner login noinherit createdb createrole password '${password}'`);
  await admin`revoke all on database postgres, template1 from public`;
  await admin`grant connect on database postgres to bulkhead_provisioner`;
  const provisionerUrl = `postgres://bulkhead_provisioner:${password}@127.0.0.1:${server.port}/postgres`;
  const newPlacement = (): TelemetryPlacement => {
    const name = newDatabaseName();
    const secret = newDatabasePassword();
    return {
      orgId: randomUUID(),
      hosts: [{ host: '127.0.0.1', port: server.port }],
      database: name,
      role: name,
      password: secret,
    };
  };
  return {
    server,
    admin,
    provisionerUrl,
    newPlacement,
    provisioner: (database = 'postgres') => connectAsProvisioner(provisionerUrl, database),
    provision: async () => {
      const placement = newPlacement();
      await provisionDatabase({ provisionerUrl, ...placement });
      return placement;
    },
    stop: async () => {
      await admin.end({ timeout: 1 });
      await server.stop();
    },
  };
}

/** Opens a connection to any database of the cluster as any role. */
export function connectAs(
  placement: TelemetryPlacement,
  other: { database?: string; onStatement?: (text: string, parameters: unknown[]) => void } = {},
): postgres.Sql {
  return postgres({
    ...placement.hosts[0]!,
    database: other.database ?? placement.database,
    username: placement.role,
    password: placement.password,
    max: 1,
    fetch_types: false,
    onnotice: () => {},
    debug: (_connection, text, parameters) => other.onStatement?.(text, parameters),
  });
}
