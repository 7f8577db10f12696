import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { parseAddressAllowList } from '../auth/api-keys/address-allow-list.js';
import { isServerAddress } from '../db/server-hosts.js';
import { signingKey, signingKeyComplaint } from '../integrations/webhooks/signing-key.js';

/** Levels of log lines, most talkative first. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

const keyBytes = 32;

/** One variable: text that a test accepts. The complaint says what is wrong and what to do, without the value. */
function text(isAccepted: (value: string) => boolean, complaint: string) {
  return z.string().refine(isAccepted, complaint);
}

const databaseAddress = text(
  isServerAddress,
  'is no address of a PostgreSQL: write postgres://user:password@host:5432/database (encode special characters as ' +
    '%XX; several hosts are separated by commas, and target_session_attrs is primary)',
);
const directory = text(
  (value) => !value.includes('\0') && !/^\/(proc|sys)(\/|$)/.test(resolve(value)),
  'is no path of a directory that files can be kept in',
);
const keyFile = text((value) => !value.includes('\0'), 'is no path of a file');
const keyValue = text(
  (value) => /^[A-Za-z0-9+/]{43}=$/.test(value),
  `is no key: give ${keyBytes} random bytes in base64, as "openssl rand -base64 ${keyBytes}" prints them`,
).transform((value) => Buffer.from(value, 'base64'));

const bucketRegion = text((value) => /^[a-z0-9-]{1,50}$/.test(value), 'is no region: write eu-central-1');
const bucketKeyId = text((value) => /^\S{1,200}$/.test(value), 'is no id of an access key');
const bucketSecret = text((value) => /^\S{1,500}$/.test(value), 'is no secret access key');

function wholeNumber(from: number, to: number, complaint: string) {
  return text(
    (value) => /^[0-9]{1,6}$/.test(value) && Number(value) >= from && Number(value) <= to,
    `${complaint}: give ${from} to ${to}`,
  ).transform(Number);
}

function webAddress(example: string) {
  return text(
    (value) => /^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : ''),
    `is no address: write ${example}`,
  ).refine(
    (value) => !hasUser(value),
    `holds a user or a password, which would end up in logs and is not sent: write ${example}`,
  );
}

/** Every setting. Each is checked by itself here; what does not go together is found by `misfits`. */
export const settings = z.object({
  /** Port that the gateway listens on; 0 for any free one. */
  PORT: text(
    (value) => /^[0-9]{1,5}$/.test(value) && Number(value) <= 65_535,
    'is no port: give a number of 0 to 65535',
  )
    .transform(Number)
    .default(4000),
  /** Address that the gateway listens on. */
  HOST: text(isHost, 'is no address: give an IP address or a host name, such as 127.0.0.1 or 0.0.0.0').default(
    '127.0.0.1',
  ),
  /** Directory of keys, credentials and the embedded PostgreSQL. */
  BULKHEAD_HOME: directory.default('.bulkhead'),
  /** Directory of archives, the same for the worker and all gateways (default `exports` in home). */
  EXPORT_DIRECTORY: directory.optional(),
  /** Label inside API keys. */
  BULKHEAD_ENVIRONMENT: text(
    (value) => /^[a-z0-9]{1,16}$/.test(value),
    'is no label: give 1 to 16 lower-case letters and digits',
  ).default('live'),
  /** Id of the deployment; only for a gateway that runs apart, else made once and kept in home. */
  BULKHEAD_DEPLOYMENT_ID: z
    .uuid('is no UUID: copy deploymentId of deployment.json in the home of the deployment')
    .optional(),
  /** Administrator's address of a PostgreSQL 16 or newer, instead of the embedded one. */
  DATABASE_URL: databaseAddress.optional(),
  /** Operational database as bulkhead_gateway, for a gateway that runs apart. */
  GATEWAY_DATABASE_URL: databaseAddress.optional(),
  /** Vault as bulkhead_vault_writer, for a gateway that runs apart. */
  VAULT_DATABASE_URL: databaseAddress.optional(),
  /** https address by which clients reach Bulkhead: what posture asks as they do. */
  PUBLIC_URL: text(
    (value) => URL.canParse(value) && new URL(value).protocol === 'https:',
    'is no https address: write https://api.example.com',
  ).optional(),
  /** Redis that keeps the token buckets of all gateways and workers, instead of PostgreSQL. */
  REDIS_URL: text(
    (value) => /^rediss?:$/.test(URL.canParse(value) ? new URL(value).protocol : ''),
    'is no address of a Redis: write rediss://user:password@host:6379 (redis:// without TLS)',
  ).optional(),
  /** Directory with `postgres` and `initdb` for the embedded server. */
  PG_BIN: text((value) => !value.includes('\0'), 'is no path of a directory').optional(),
  /** Proxies whose X-Forwarded-For is believed. */
  TRUSTED_PROXIES: text(
    (value) => isAddressList(value),
    'is no list of addresses: separate IPv4 and IPv6 addresses or networks (192.0.2.0/24) by commas',
  )
    .transform(readAddressList)
    .default([]),
  /** Networks that are not public and that deliveries may go to all the same, over http and on any port too. */
  EGRESS_NETWORKS: text(
    (value) => isAddressList(value),
    'is no list of networks: separate IPv4 and IPv6 addresses or networks (192.0.2.0/24) by commas',
  )
    .transform(readAddressList)
    .default([]),
  /** DNS servers that are asked where deliveries go, instead of those of the machine. */
  EGRESS_DNS_SERVERS: text(
    (value) => value.split(',').every((entry) => isDnsServer(entry.trim())),
    'is no list of DNS servers: separate addresses (192.0.2.53 or 192.0.2.53:5353) by commas',
  )
    .transform((value) => value.split(',').map((entry) => entry.trim()))
    .default([]),
  /** Organizations whose telemetry databases a gateway keeps connected at a time, with two connections each. */
  TELEMETRY_POOLS: wholeNumber(1, 1000, 'is no number of pools').default(100),
  /** Least level of log lines. */
  LOG_LEVEL: z.enum(logLevels, `is no level: give one of ${logLevels.join(', ')}`).optional(),
  /** Directory of log files, instead of standard error. */
  LOG_DIRECTORY: directory.optional(),
  /** Days for which log files are kept. */
  LOG_DAYS: text(
    (value) => /^[0-9]{1,4}$/.test(value) && Number(value) >= 1 && Number(value) <= 3650,
    'is no number of days: give 1 to 3650',
  )
    .transform(Number)
    .default(30),
  ROOT_KEY: keyValue.optional(),
  ROOT_KEY_FILE: keyFile.optional(),
  CONTEXT_KEY: keyValue.optional(),
  CONTEXT_KEY_FILE: keyFile.optional(),
  TELEMETRY_KEY: keyValue.optional(),
  TELEMETRY_KEY_FILE: keyFile.optional(),
  AUDIT_KEY: keyValue.optional(),
  AUDIT_KEY_FILE: keyFile.optional(),
  BACKUP_KEY: keyValue.optional(),
  BACKUP_KEY_FILE: keyFile.optional(),
  /** Directory of backups, instead of `backups` in home: it belongs on another disk. */
  BACKUP_DIRECTORY: directory.optional(),
  /** Bucket that gets backups instead of the directory. */
  BACKUP_BUCKET_URL: webAddress('https://s3.eu-central-1.amazonaws.com/bucket')
    .transform((value) => value.replace(/\/+$/, ''))
    .optional(),
  BACKUP_BUCKET_REGION: bucketRegion.optional(),
  BACKUP_BUCKET_KEY_ID: bucketKeyId.optional(),
  BACKUP_BUCKET_SECRET: bucketSecret.optional(),
  BACKUP_BUCKET_SECRET_FILE: keyFile.optional(),
  /** Local time of day of base backups. */
  BACKUP_TIME: text(
    (value) => /^([01][0-9]|2[0-3]):[0-5][0-9]$/.test(value),
    'is no time of day: write 04:00, from 00:00 to 23:59',
  ).default('04:00'),
  /** Zone of that time. */
  BACKUP_ZONE: text(isZone, 'is no time zone: write one of the IANA database, such as Europe/Berlin').default('UTC'),
  /** Base backups a day: at that time, and twelve hours later too. */
  BACKUP_TIMES_A_DAY: wholeNumber(1, 2, 'is no number of base backups a day').default(1),
  /** Days of which every moment can be restored. */
  BACKUP_WINDOW_DAYS: wholeNumber(1, 365, 'is no number of days').default(35),
  BACKUP_DAILY: wholeNumber(0, 366, 'is no number of backups').default(6),
  BACKUP_WEEKLY: wholeNumber(0, 520, 'is no number of backups').default(4),
  BACKUP_MONTHLY: wholeNumber(0, 120, 'is no number of backups').default(2),
  BACKUP_YEARLY: wholeNumber(0, 20, 'is no number of backups').default(0),
  /** Megabytes a second that a base backup reads at most. */
  BACKUP_RATE_MB: wholeNumber(1, 1024, 'is no number of megabytes a second').default(32),
  /** Whether base backups are taken of the PostgreSQL of DATABASE_URL. */
  BACKUP_OWN_CLUSTER: z.enum(['yes', 'no'], 'is neither yes nor no').default('no'),
  /** Directory of the copies of the audit log, instead of `checkpoints` in home. */
  CHECKPOINT_DIRECTORY: directory.optional(),
  /** Directory of the ledger of deletions and their certificates, instead of `ledger` in home. */
  LEDGER_DIRECTORY: directory.optional(),
  /** Seconds between two checkpoints of the audit log at most. */
  CHECKPOINT_SECONDS: wholeNumber(1, 60, 'is no number of seconds').default(60),
  /** Bucket, with a prefix, that gets copies of the audit log. */
  CHECKPOINT_BUCKET_URL: webAddress('https://s3.eu-central-1.amazonaws.com/bucket/audit')
    .transform((value) => value.replace(/\/+$/, ''))
    .optional(),
  CHECKPOINT_BUCKET_REGION: bucketRegion.optional(),
  CHECKPOINT_BUCKET_KEY_ID: bucketKeyId.optional(),
  CHECKPOINT_BUCKET_SECRET: bucketSecret.optional(),
  CHECKPOINT_BUCKET_SECRET_FILE: keyFile.optional(),
  /** Address that is sent each checkpoint of the audit log. */
  CHECKPOINT_WEBHOOK_URL: webAddress('https://example.com/checkpoints').optional(),
  /** Collector that spans are sent to, by OTLP over HTTP; without it none are recorded. */
  OTEL_EXPORTER_OTLP_ENDPOINT: webAddress('http://127.0.0.1:4318').optional(),
  /** Header fields of these posts. */
  OTEL_EXPORTER_OTLP_HEADERS: text(
    (value) => headersOf(value) !== undefined,
    'is no list of header fields: write name=value,name=value',
  )
    .transform((value) => headersOf(value) ?? {})
    .optional(),
  /** Share of the requests and jobs that are recorded. */
  OTEL_TRACES_SAMPLER_ARG: text((value) => /^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$/.test(value), 'is no share: give 0 to 1')
    .transform(Number)
    .default(1),
  /** Address that is told which alerts fire and which are over. */
  ALERT_WEBHOOK_URL: webAddress('https://example.com/alerts').optional(),
  /** Secret of Standard Webhooks by which these posts are signed. */
  ALERT_WEBHOOK_SECRET: text((value) => signingKey(value) !== undefined, signingKeyComplaint).optional(),
  ALERT_WEBHOOK_SECRET_FILE: keyFile.optional(),
});

const names = Object.keys(settings.shape) as (keyof typeof settings.shape)[];

/** Settings that name a file with a secret. */
export const secretFileSettings = names.filter((name) => /_FILE$/.test(name));

/** Settings that are a secret or may hold one: those that a file can hold instead, headers, addresses with a password. */
export const secretSettings: readonly string[] = names.filter(
  (name) => `${name}_FILE` in settings.shape || /_HEADERS$|DATABASE_URL$|^REDIS_URL$/.test(name),
);

function hasUser(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username !== '' || password !== '';
}

function isZone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** `name=value,name=value`, as OpenTelemetry writes it; undefined for anything else. */
function headersOf(value: string): Record<string, string> | undefined {
  const pairs = value.split(',').map((pair) => /^\s*([A-Za-z0-9-]{1,100})=([\x20-\x7e]{1,4000})\s*$/.exec(pair));
  if (pairs.some((pair) => pair === null)) return undefined;
  try {
    return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', decodeURIComponent(pair?.[2] ?? '')]));
  } catch {
    return undefined;
  }
}

function isHost(value: string): boolean {
  return isIP(value) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(value);
}

/** An address, with a port or without: `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`, `[2001:db8::53]:5353`. */
function isDnsServer(value: string): boolean {
  const [, bracketed, plain] = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::[0-9]{1,5})?$/.exec(value) ?? [];
  return isIP(bracketed ?? plain ?? value) !== 0;
}

function readAddressList(value: string): string[] {
  const entries = value.split(',').map((entry) => entry.trim());
  return parseAddressAllowList(entries, 'TRUSTED_PROXIES');
}

function isAddressList(value: string): boolean {
  try {
    // `*` would let every client write its own address.
    return !readAddressList(value).includes('*');
  } catch {
    return false;
  }
}
