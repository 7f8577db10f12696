import type postgres from 'postgres';
import type { ServerHost } from '../db/server-hosts.js';

/** Where the telemetry database of an organization is, and how to log in there. */
export interface TelemetryPlacement {
  readonly orgId: string;
  /** Its server, or several of which one is the primary. */
  readonly hosts: readonly ServerHost[];
  readonly database: string;
  readonly role: string;
  readonly password: string;
  /**
   * TLS to the server. `require` encrypts without looking at the certificate, `verify-full` checks it against the
   * system's authorities, `ca` (PEM) against that one. Without it: none, for a server on the same machine.
   */
  readonly ssl?: 'require' | 'verify-full' | { readonly ca: string };
}

/** The telemetry database of one organization, open. Lent by `TelemetryPools.use`, valid until its work ends. */
export interface TelemetryDatabase {
  readonly orgId: string;
  /** Connection for reads. */
  readonly sql: postgres.Sql;
  /** Connection for writes, which no read can occupy. */
  readonly writes: postgres.Sql;
  /** Mondays (epoch ms) whose partition is known to exist. A partition that retention drops leaves a stale entry. */
  readonly knownWeeks: Set<number>;
  /** What is known of its rollups: `rolledMs` is the instant (epoch ms) up to which hours are rolled up, or an earlier one. */
  readonly rollups: { rolledMs?: number };
}
