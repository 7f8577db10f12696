/** What a metric is. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** What it counts, with its unit; one line. */
  readonly help: string;
  /** Names of its labels; their values are bounded: no organization, nothing that callers write. */
  readonly labels?: readonly string[];
  /** Upper bounds of the buckets of a histogram. */
  readonly buckets?: readonly number[];
  /** Processes that have it. */
  readonly of: readonly ProcessKind[];
}

/** Processes of a deployment: `supervisor` is `bulkhead start` itself. */
export type ProcessKind = 'gateway' | 'worker' | 'backup' | 'supervisor';

const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const jobBuckets = [0.01, 0.1, 1, 10, 60, 600, 3600];

/** Every metric of our own. Beside them each process has those of Node: `bulkhead_process_*` and `bulkhead_nodejs_*`. */
export const metricDefinitions = {
  bulkhead_request_seconds: {
    type: 'histogram',
    help: 'Requests by their duration in seconds; kind is the operation or the page, outcome ok, refused or failed.',
    labels: ['kind', 'outcome'],
    buckets: requestBuckets,
    of: ['gateway'],
  },
  bulkhead_errors_total: {
    type: 'counter',
    help: 'Errors that clients were answered, by code; RATE_LIMITED are those refused for lack of tokens.',
    labels: ['code'],
    of: ['gateway'],
  },
  bulkhead_failed_requests_ratio: {
    type: 'gauge',
    help: 'Share of the requests of the last 5 minutes that failed on our side (5xx); 0 below 20 requests.',
    of: ['gateway'],
  },
  bulkhead_wrong_keys_recent: {
    type: 'gauge',
    help: 'Requests with a missing or wrong key in the last 5 minutes, of the address that sent most.',
    of: ['gateway'],
  },
  bulkhead_banned_addresses: {
    type: 'gauge',
    help: 'Addresses that are banned now, because too many of their requests had no valid key.',
    of: ['gateway'],
  },
  bulkhead_banned_requests_total: {
    type: 'counter',
    help: 'Requests of banned addresses that were refused.',
    of: ['gateway'],
  },
  bulkhead_refused_access_recent: {
    type: 'gauge',
    help: 'FORBIDDEN and NOT_FOUND in the last 5 minutes, of the key and address that were answered most.',
    of: ['gateway'],
  },
  bulkhead_planned_reads_total: {
    type: 'counter',
    help: 'Query operations answered by one statement a store.',
    of: ['gateway'],
  },
  bulkhead_resolved_reads_total: {
    type: 'counter',
    help: 'Query operations left to the resolvers, by reason: a field that has no plan, or a code of an error.',
    labels: ['reason'],
    of: ['gateway'],
  },
  bulkhead_live_connections: {
    type: 'gauge',
    help: 'Open live connections.',
    labels: ['transport'],
    of: ['gateway'],
  },
  bulkhead_live_subscriptions: { type: 'gauge', help: 'Open subscriptions.', of: ['gateway'] },
  bulkhead_live_events_total: { type: 'counter', help: 'Events that were sent to subscribers.', of: ['gateway'] },
  bulkhead_live_ended_total: {
    type: 'counter',
    help: 'Live connections that the gateway has ended, by reason: a code of an error, or its client.',
    labels: ['reason'],
    of: ['gateway'],
  },
  bulkhead_pool_connections: {
    type: 'gauge',
    help: 'Open connections for transactions, by database and state: used or free.',
    labels: ['pool', 'state'],
    of: ['gateway', 'worker'],
  },
  bulkhead_pool_limit: {
    type: 'gauge',
    help: 'Connections for transactions at most, by database.',
    labels: ['pool'],
    of: ['gateway', 'worker'],
  },
  bulkhead_pool_waiting: {
    type: 'gauge',
    help: 'Transactions that wait for a connection, by database.',
    labels: ['pool'],
    of: ['gateway', 'worker'],
  },
  bulkhead_job_seconds: {
    type: 'histogram',
    help: 'Runs of jobs by their duration in seconds; outcome SUCCEEDED, FAILED or INTERRUPTED.',
    labels: ['task', 'outcome'],
    buckets: jobBuckets,
    of: ['worker', 'backup'],
  },
  bulkhead_delivery_attempts_total: {
    type: 'counter',
    help: 'Attempts to deliver to integrations, by what came of them.',
    labels: ['outcome'],
    of: ['worker'],
  },
  bulkhead_database_up: {
    type: 'gauge',
    help: 'Whether the operational database answers the process within 2 seconds: 1 or 0.',
    of: ['gateway', 'supervisor'],
  },
  bulkhead_process_seen_seconds: {
    type: 'gauge',
    help: 'Seconds since a process of the kind last noted its metrics, or since the start.',
    labels: ['kind'],
    of: ['supervisor'],
  },
  bulkhead_clock_jump_seconds: {
    type: 'gauge',
    help: 'Seconds that the clock of the machine has jumped in the last 15 minutes, or is off that of the database.',
    of: ['supervisor'],
  },
  bulkhead_disk_used_ratio: {
    type: 'gauge',
    help: 'Share of the disk in use, by what Bulkhead keeps there: home, postgres, checkpoints, exports or ledger.',
    labels: ['holds'],
    of: ['supervisor'],
  },
  bulkhead_wal_bytes: {
    type: 'gauge',
    help: 'Bytes of the WAL files that the embedded PostgreSQL keeps.',
    of: ['supervisor'],
  },
  bulkhead_jobs_waiting: { type: 'gauge', help: 'Jobs that are due and wait.', of: ['supervisor'] },
  bulkhead_jobs_waiting_seconds: {
    type: 'gauge',
    help: 'Seconds for which the oldest of these is due.',
    of: ['supervisor'],
  },
  bulkhead_jobs_running: { type: 'gauge', help: 'Jobs that run.', of: ['supervisor'] },
  bulkhead_jobs_failed: { type: 'gauge', help: 'Jobs that have failed for good.', of: ['supervisor'] },
  bulkhead_audit_unsealed_entries: {
    type: 'gauge',
    help: 'Entries of the audit log that wait to be sealed.',
    of: ['supervisor'],
  },
  bulkhead_audit_unsealed_seconds: {
    type: 'gauge',
    help: 'Seconds for which the oldest of these waits.',
    of: ['supervisor'],
  },
  bulkhead_audit_log_size: {
    type: 'gauge',
    help: 'Leaves of the tree of the deployment at the newest checkpoint: the head of the audit log.',
    of: ['supervisor'],
  },
  bulkhead_audit_checkpoint_age_seconds: {
    type: 'gauge',
    help: 'Seconds since the newest checkpoint.',
    of: ['supervisor'],
  },
  bulkhead_audit_copies_failing: {
    type: 'gauge',
    help: 'Places to which the audit log could not be copied at the last attempt.',
    of: ['supervisor'],
  },
  bulkhead_telemetry_unprovisioned_seconds: {
    type: 'gauge',
    help: 'Seconds for which the oldest organization without a telemetry database waits for it.',
    of: ['supervisor'],
  },
  bulkhead_data_packages_near: {
    type: 'gauge',
    help: 'Organizations that have used 80 % of their data package, those that have used it up among them.',
    of: ['supervisor'],
  },
  bulkhead_data_packages_full: {
    type: 'gauge',
    help: 'Organizations that have used up their data package.',
    of: ['supervisor'],
  },
  bulkhead_deletion_unfinished_seconds: {
    type: 'gauge',
    help: 'Seconds since the oldest deletion of an organization that is not done was asked for.',
    of: ['supervisor'],
  },
  bulkhead_wal_archived_files: {
    type: 'gauge',
    help: 'WAL files that were archived since the statistics of PostgreSQL began; absent without archiving.',
    of: ['supervisor'],
  },
  bulkhead_wal_archive_failures: {
    type: 'gauge',
    help: 'Attempts to archive a WAL file that failed, since then.',
    of: ['supervisor'],
  },
  bulkhead_wal_archive_failing: {
    type: 'gauge',
    help: 'Whether the last attempt to archive a WAL file failed: 1 or 0.',
    of: ['supervisor'],
  },
  bulkhead_wal_archive_age_seconds: {
    type: 'gauge',
    help: 'Seconds since a WAL file was archived last.',
    of: ['supervisor'],
  },
  bulkhead_replication_slots: { type: 'gauge', help: 'Replication slots of PostgreSQL.', of: ['supervisor'] },
  bulkhead_replication_lag_bytes: {
    type: 'gauge',
    help: 'Bytes of WAL that the slowest replication slot is behind; absent without slots.',
    of: ['supervisor'],
  },
  bulkhead_database_connections_ratio: {
    type: 'gauge',
    help: 'Share of the connections of PostgreSQL (max_connections) in use.',
    of: ['supervisor'],
  },
  bulkhead_transaction_age: {
    type: 'gauge',
    help: 'Transactions since the oldest database was frozen; PostgreSQL stops before 2,000,000,000.',
    of: ['supervisor'],
  },
  bulkhead_backup_wal_age_seconds: {
    type: 'gauge',
    help: 'Seconds since a WAL file was stored in the repository; all of backups are absent where there are none.',
    of: ['supervisor'],
  },
  bulkhead_backup_wal_waiting_files: {
    type: 'gauge',
    help: 'WAL files that wait to be stored in the repository.',
    of: ['supervisor'],
  },
  bulkhead_backup_wal_waiting_bytes: { type: 'gauge', help: 'Bytes of these.', of: ['supervisor'] },
  bulkhead_backup_wal_waiting_seconds: {
    type: 'gauge',
    help: 'Seconds for which the oldest of these waits.',
    of: ['supervisor'],
  },
  bulkhead_backup_wal_failures: {
    type: 'gauge',
    help: 'Attempts to store a WAL file that failed, since the deployment exists.',
    of: ['supervisor'],
  },
  bulkhead_backup_base_age_seconds: {
    type: 'gauge',
    help: 'Seconds since the newest base backup ended, or since the start where there is none.',
    of: ['supervisor'],
  },
  bulkhead_backup_base_stored_bytes: { type: 'gauge', help: 'Bytes of it in the repository.', of: ['supervisor'] },
  bulkhead_backup_window_seconds: {
    type: 'gauge',
    help: 'Seconds from the first to the last moment that can be restored.',
    of: ['supervisor'],
  },
  bulkhead_backup_window_age_seconds: {
    type: 'gauge',
    help: 'Seconds since the last moment that can be restored.',
    of: ['supervisor'],
  },
  bulkhead_drill_age_seconds: { type: 'gauge', help: 'Seconds since a drill passed last.', of: ['supervisor'] },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

/** Names of our own metrics. */
export type MetricName = keyof typeof metricDefinitions;
