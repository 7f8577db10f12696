import postgres from 'postgres';
import type { TelemetryPlacement } from './telemetry-database.js';

/** Connections to one telemetry database at most: its role may have ten, and there may be several gateways. */
const connectionsPerPool = 2;

/**
 * Makes the pool of one telemetry database. Nothing is connected until the first query; types are declared by the
 * statements themselves, so that a new connection costs no look into the catalogue.
 */
export function openPool(placement: TelemetryPlacement, idleCloseMs: number): postgres.Sql {
  return postgres({
    host: placement.host,
    port: placement.port,
    database: placement.database,
    username: placement.role,
    password: placement.password,
    ssl: tlsOptions(placement.ssl),
    max: connectionsPerPool,
    idle_timeout: idleCloseMs / 1000,
    connect_timeout: 5,
    fetch_types: false,
    prepare: true,
    connection: { application_name: 'bulkhead-telemetry', TimeZone: 'UTC' },
    onnotice: () => {},
  });
}

function tlsOptions(ssl: TelemetryPlacement['ssl']): false | 'require' | 'verify-full' | object {
  if (ssl === undefined) return false;
  return typeof ssl === 'string' ? ssl : { ca: ssl.ca, rejectUnauthorized: true };
}
