import type { BackupConfiguration } from '../../backups/backup-configuration.js';
import type { RolePasswords } from '../../db/cluster.js';
import { clusterLocation } from '../../db/embedded/cluster-location.js';
import { prepareHome } from '../../db/embedded/prepare-home.js';
import type { EgressPolicy } from '../../integrations/egress/egress-policy.js';
import type { WorkerConfiguration } from '../../jobs/worker-configuration.js';
import type { DrillConfiguration } from '../../recovery/drill/drill-task.js';
import type { LogFiles } from '../../signals/log-files.js';
import type { TracingConfiguration } from '../../tracing/tracing-configuration.js';
import type { KeyVersions } from '../../vault/held-keys.js';
import { backupRules, repositoryConfiguration } from '../backup-settings.js';
import { checkpointConfiguration } from '../checkpoint-configuration.js';
import type { Configuration } from '../configuration.js';
import { roleAddresses } from '../database-address.js';
import type { GatewayConfiguration } from '../gateway-configuration.js';
import type { DeploymentKeys } from '../keys.js';
import { postureConfiguration } from '../posture-configuration.js';

/** What the configurations of the children are made of. */
export interface ChildIngredients {
  readonly configuration: Configuration;
  readonly keys: DeploymentKeys;
  readonly passwords: RolePasswords;
  readonly deployment: string;
  readonly logLevel: GatewayConfiguration['logLevel'];
}

/** What the gateway is given: its own two roles and the two keys that it needs. */
export function gatewayConfiguration(
  { configuration, keys, passwords, deployment, logLevel }: ChildIngredients,
  adminUrl: string,
  port: number,
): GatewayConfiguration {
  const addresses = roleAddresses(adminUrl, passwords);
  return {
    host: configuration.HOST,
    port,
    operationalUrl: addresses.gateway,
    vaultUrl: addresses.vaultWriter,
    contextKey: keys.context,
    telemetryKey: keys.telemetry,
    environment: configuration.BULKHEAD_ENVIRONMENT,
    deployment,
    trustedProxies: configuration.TRUSTED_PROXIES,
    telemetryPools: configuration.TELEMETRY_POOLS,
    egress: egressPolicy(configuration),
    ...redisOf(configuration),
    exportDirectory: configuration.EXPORT_DIRECTORY,
    ...tracingPart(configuration),
    ...logFilesPart(configuration),
    logLevel,
  };
}

/**
 * What the worker is given: its own three roles, that of posture, and all keys.
 * @param port of the gateway, which posture asks
 */
export function workerConfiguration(
  { configuration, keys, passwords, deployment, logLevel }: ChildIngredients,
  adminUrl: string,
  port: number,
): WorkerConfiguration {
  const addresses = roleAddresses(adminUrl, passwords);
  return {
    operationalUrl: addresses.worker,
    vaultUrl: addresses.vaultReader,
    provisionerUrl: addresses.provisioner,
    contextKey: keys.context,
    rootKeys: keys.root,
    telemetryKey: keys.telemetry,
    auditKey: keys.audit,
    checkpoints: checkpointConfiguration(configuration),
    ledgerDirectory: configuration.LEDGER_DIRECTORY,
    deployment,
    egress: egressPolicy(configuration),
    ...redisOf(configuration),
    exportDirectory: configuration.EXPORT_DIRECTORY,
    ...tracingPart(configuration),
    posture: postureConfiguration({
      configuration,
      addresses,
      adminUrl,
      auditKey: keys.audit,
      deployment,
      port,
      supervisorPid: process.pid,
    }),
    ...logFilesPart(configuration),
    logLevel,
  };
}

/** What the backup process is given. */
export interface BackupProcessConfiguration {
  readonly backups: BackupConfiguration;
  readonly drills: Omit<DrillConfiguration, 'rootKeys'> & { readonly rootKeys: KeyVersions };
}

/** What the backup process is given: its own role, the backup key, and for drills the keys that a drill tries. */
export function backupConfiguration(
  { configuration, keys, passwords, deployment, logLevel }: ChildIngredients,
  adminUrl: string,
  spoolDirectory: string | undefined,
): BackupProcessConfiguration {
  const { dataDirectory, cacheDirectory } = clusterLocation(prepareHome(configuration.BULKHEAD_HOME));
  return {
    backups: {
      operationalUrl: roleAddresses(adminUrl, passwords).backup,
      contextKey: keys.context,
      repository: repositoryConfiguration(configuration, keys.backup, deployment),
      spoolDirectory,
      ...backupRules(configuration),
      ...logFilesPart(configuration),
      logLevel,
    },
    drills: {
      rootKeys: keys.root,
      telemetryKey: keys.telemetry,
      auditKey: keys.audit,
      checkpointDirectory: configuration.CHECKPOINT_DIRECTORY,
      beside: dataDirectory,
      binDirectory: configuration.PG_BIN,
      cacheDirectory,
    },
  };
}

/** Where logs are kept, if they are. */
export function logFilesPart({ LOG_DIRECTORY, LOG_DAYS }: Configuration): { readonly logFiles?: LogFiles } {
  return LOG_DIRECTORY === undefined ? {} : { logFiles: { directory: LOG_DIRECTORY, days: LOG_DAYS } };
}

/** Where spans are sent, if they are. */
export function tracingPart(configuration: Configuration): { readonly tracing?: TracingConfiguration } {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers = {} } = configuration;
  if (endpoint === undefined) return {};
  return { tracing: { endpoint, headers, ratio: configuration.OTEL_TRACES_SAMPLER_ARG } };
}

/** Where deliveries may go, as the operator has set it. */
export function egressPolicy({ EGRESS_NETWORKS, EGRESS_DNS_SERVERS }: Configuration): EgressPolicy {
  return { networks: EGRESS_NETWORKS, dnsServers: EGRESS_DNS_SERVERS };
}

/** The Redis of rate limits, where there is one. */
export function redisOf({ REDIS_URL }: Configuration): { readonly redisUrl?: string } {
  return REDIS_URL === undefined ? {} : { redisUrl: REDIS_URL };
}
