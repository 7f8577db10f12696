import type { OrgTransaction } from '../db/with-org.js';

/** A kind of record that is made to end. */
export interface Expiry {
  /** Camel case, as in logs. */
  readonly name: string;
  /** What the records are. */
  readonly holds: string;
  /** Columns, as `schema.table.column`, that tell when one ends. */
  readonly columns: readonly string[];
  /** For how long they are of use. */
  readonly lifetime: string;
  /** What refuses one from the moment of its expiry, removed or not. */
  readonly refusedBy: string;
  /** The job that removes them. */
  readonly job: string;
  /** How the job `expire` does it: at a moment, for the deployment or for each organization. Answers how many it were. */
  readonly sweep?: {
    readonly concerns: 'DEPLOYMENT' | 'ORGANIZATION';
    readonly remove: (tx: OrgTransaction, now: Date) => Promise<number>;
  };
}

/** All records that are made to end: a table with a column of an expiry is here, or below. */
export const expiries: readonly Expiry[] = [
  {
    name: 'apiKeySecrets',
    holds: 'hashes of secrets that a rotation has replaced',
    columns: ['app.api_key_secrets.valid_until'],
    lifetime: 'the grace of the rotation: 1 day unless it says otherwise, at most 7',
    refusedBy: 'the lookup of keys',
    job: 'expire',
    sweep: {
      concerns: 'ORGANIZATION',
      remove: ({ sql }, now) =>
        counted(sql`select app.expire_api_key_secrets(${now.toISOString()}::timestamptz) as count`),
    },
  },
  {
    name: 'idempotencyKeys',
    holds: 'claims of Idempotency-Keys, with the answers that were kept',
    columns: ['app.idempotency_keys.expires_at', 'app.idempotency_keys.leased_until'],
    lifetime: '24 hours; running 60 seconds at most',
    refusedBy: 'the claim of a key, which compares with the clock of the database',
    job: 'expire',
    sweep: {
      concerns: 'ORGANIZATION',
      remove: ({ sql }, now) =>
        counted(sql`select app.expire_idempotency_keys(${now.toISOString()}::timestamptz) as count`),
    },
  },
  {
    name: 'rateBuckets',
    holds: 'token buckets that are full again, which is what no bucket means too',
    columns: [
      'platform.rate_buckets.standard_arrival',
      'platform.rate_buckets.data_read_arrival',
      'platform.rate_buckets.held_until',
    ],
    lifetime: 'until they are full; removed a day later',
    refusedBy: 'the limiter, which compares with the clock',
    job: 'expire',
    sweep: {
      concerns: 'DEPLOYMENT',
      remove: ({ sql }, now) =>
        counted(sql`select platform.expire_rate_buckets(${now.toISOString()}::timestamptz) as count`),
    },
  },
  {
    name: 'alertEvents',
    holds: 'alerts that have ended',
    columns: ['app.alert_events.cleared_at'],
    lifetime: '90 days from their end',
    refusedBy: 'nothing: they grant nothing',
    job: 'expire',
    sweep: {
      concerns: 'ORGANIZATION',
      remove: ({ sql }, now) =>
        counted(sql`select app.expire_alert_events(${now.toISOString()}::timestamptz) as count`),
    },
  },
  {
    name: 'liveSubscriptions',
    holds: 'leases of live subscriptions',
    columns: ['platform.live_subscriptions.expires_at'],
    lifetime: '15 s, prolonged while the subscription is open',
    refusedBy: 'the count of subscriptions and the look for somebody to tell, which compare with the clock',
    job: 'expire',
    sweep: {
      concerns: 'DEPLOYMENT',
      remove: ({ sql }, now) => counted(sql`select platform.expire_live(${now.toISOString()}::timestamptz) as count`),
    },
  },
  {
    name: 'integrationRecords',
    holds: 'deliveries, inbound events, and posts to hooks that nobody waits for',
    columns: [],
    lifetime: 'deliveries and inbound events 30 days, posts 5 minutes',
    refusedBy: 'nothing: they grant nothing; an event that was removed is too old to be accepted again',
    job: 'expire',
    sweep: {
      concerns: 'ORGANIZATION',
      remove: ({ sql }, now) =>
        counted(sql`select app.expire_integration_records(${now.toISOString()}::timestamptz) as count`),
    },
  },
  {
    name: 'exports',
    holds: 'archives of organizations, with their files',
    columns: ['app.exports.expires_at', 'app.exports.claimed_until'],
    lifetime: '1 to 24 hours, as was asked for; the claim of a download 60 seconds unless it is renewed',
    refusedBy: 'the claim of a download, which compares with the clock',
    job: 'expireExports',
  },
  {
    name: 'jobRuns',
    holds: 'the record of runs of jobs, and jobs that have failed for good',
    columns: [],
    lifetime: 'runs that succeeded 7 days, others 30',
    refusedBy: 'nothing: they grant nothing',
    job: 'cleanJobs',
  },
];

/** Columns that tell of an end and yet of no record to remove, and why. */
export const lastingColumns: Readonly<Record<string, string>> = {
  'platform.integration_work.leased_until': 'who works on it; the row goes with the work',
  'platform.backup_state.restorable_until': 'the last moment that can be restored; one row that stays',
  'app.api_keys.expires_at': 'an expired key is refused and stays listed, as a revoked one: the audit log names it',
};

async function counted(rows: PromiseLike<readonly { readonly count?: unknown }[]>): Promise<number> {
  return Number((await rows)[0]?.count ?? 0);
}
