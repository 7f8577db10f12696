import postgres from 'postgres';
import type { TelemetryPlacement } from './telemetry-database.js';

/**
 * Makes one connection to a telemetry database, for a lane of work: what comes while it works waits in line. Nothing is
 * connected until the first query; types are declared by the statements themselves, so that a new connection costs no
 * look into the catalogue.
 */
export function openLane(placement: TelemetryPlacement, idleCloseMs: number): postgres.Sql {
  return postgres({
    host: placement.host,
    port: placement.port,
    database: placement.database,
    username: placement.role,
    password: placement.password,
    ssl: tlsOptions(placement.ssl),
    max: 1,
    idle_timeout: idleCloseMs / 1000,
    connect_timeout: 5,
    fetch_types: false,
    prepare: true,
    connection: {
      application_name: 'bulkhead-telemetry',
      TimeZone: 'UTC',
      // Every plan starts from ids and a range of time: planning for their values would cost more than it saves.
      plan_cache_mode: 'force_generic_plan',
    },
    onnotice: () => {},
  });
}

function tlsOptions(ssl: TelemetryPlacement['ssl']): false | 'require' | 'verify-full' | object {
  if (ssl === undefined) return false;
  return typeof ssl === 'string' ? ssl : { ca: ssl.ca, rejectUnauthorized: true };
}
