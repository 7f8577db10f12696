import type postgres from 'postgres';
import { connect } from '../db/connect.js';

/** A connection of the provisioner, which owns the telemetry databases. */
export type ProvisionerConnection = postgres.Sql;

/**
 * Connects as the provisioner and holds the lock of one database's provisioning while `work` runs, so that two workers
 * never make, change or drop the same database at once. All provisioners of a cluster have to name the same database in
 * their address, because an advisory lock reaches no further than one.
 */
export async function withProvisioner<Result>(
  provisionerUrl: string,
  database: string,
  work: (admin: postgres.Sql) => Promise<Result>,
): Promise<Result> {
  const admin = connectAsProvisioner(provisionerUrl);
  try {
    await admin`select pg_advisory_lock(hashtextextended(${`bulkhead:telemetry:${database}`}, 0))`;
    return await work(admin);
  } finally {
    await admin.end({ timeout: 5 });
  }
}

/** Connects as the provisioner, with one connection, to the database in the address or to the one given. */
export function connectAsProvisioner(provisionerUrl: string, database?: string): postgres.Sql {
  return connect(provisionerUrl, {
    ...(database === undefined ? {} : { database }),
    max: 1,
    // The lock lives in the connection: it must not be given up for age or idleness.
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: 10,
    fetch_types: false,
    connection: { application_name: 'bulkhead-provisioner', TimeZone: 'UTC' },
    onnotice: () => {},
  });
}
