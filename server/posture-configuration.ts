import { auditSigner, formatVerifierKey } from '../audit/audit-key.js';
import { userOf } from '../db/server-hosts.js';
import type { PostureConfiguration } from '../posture/posture-configuration.js';
import type { Configuration } from './configuration.js';
import { secretFileSettings, secretSettings } from './configuration-settings.js';
import type { RoleAddresses } from './database-address.js';

/** What is known beside the configuration: keys, addresses, and what runs. */
export interface PostureIngredients {
  readonly configuration: Configuration;
  readonly addresses: RoleAddresses;
  /** Address of the administrator, of which the name is handed on. */
  readonly adminUrl: string;
  /** The audit key, 32 bytes; its public half is handed on. */
  readonly auditKey: Buffer;
  readonly deployment: string;
  /** Port of the gateway. */
  readonly port: number;
  /** Process that has started gateway and worker. */
  readonly supervisorPid: number;
}

/** What posture is given of this deployment. */
export function postureConfiguration(ingredients: PostureIngredients): PostureConfiguration {
  const { configuration, addresses, adminUrl, auditKey, deployment, port, supervisorPid } = ingredients;
  const files = secretFileSettings.map((name) => configuration[name]);
  return {
    operationalUrl: addresses.posture,
    vaultUrl: addresses.vaultPosture,
    administrator: userOf(adminUrl),
    gatewayUrl: gatewayUrl(configuration.HOST, port),
    ...(configuration.PUBLIC_URL === undefined ? {} : { publicUrl: configuration.PUBLIC_URL }),
    home: configuration.BULKHEAD_HOME,
    secretSettings,
    secretFiles: files.filter((file) => typeof file === 'string'),
    directories: {
      checkpoints: configuration.CHECKPOINT_DIRECTORY,
      ledger: configuration.LEDGER_DIRECTORY,
      exports: configuration.EXPORT_DIRECTORY,
      backups: configuration.BACKUP_DIRECTORY,
    },
    auditKey: formatVerifierKey(auditSigner(auditKey, deployment)),
    services: servicesOf(configuration),
    hasAlertReceiver: configuration.ALERT_WEBHOOK_URL !== undefined,
    rotation: {
      windowDays: configuration.BACKUP_WINDOW_DAYS,
      daily: configuration.BACKUP_DAILY,
      weekly: configuration.BACKUP_WEEKLY,
      monthly: configuration.BACKUP_MONTHLY,
    },
    supervisorPid,
  };
}

function servicesOf(configuration: Configuration): Readonly<Record<string, string>> {
  const { REDIS_URL, OTEL_EXPORTER_OTLP_ENDPOINT, ALERT_WEBHOOK_URL } = configuration;
  const { BACKUP_BUCKET_URL, CHECKPOINT_BUCKET_URL, CHECKPOINT_WEBHOOK_URL } = configuration;
  const settings = {
    REDIS_URL,
    OTEL_EXPORTER_OTLP_ENDPOINT,
    ALERT_WEBHOOK_URL,
    BACKUP_BUCKET_URL,
    CHECKPOINT_BUCKET_URL,
    CHECKPOINT_WEBHOOK_URL,
  };
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, url]) => (url === undefined ? [] : [[name, url]])),
  );
}

/** Addresses that mean "all of this machine" and cannot be called everywhere. */
const unspecified: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function gatewayUrl(host: string, port: number): string {
  const reached = unspecified[host] ?? host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}
