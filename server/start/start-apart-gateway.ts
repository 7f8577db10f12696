import type { Logger } from 'pino';
import type { Configuration } from '../configuration.js';
import type { GatewayConfiguration } from '../gateway-configuration.js';
import { readKey } from '../keys.js';
import { egressPolicy, logFilesPart, redisOf, tracingPart } from './child-configurations.js';
import { clientUrl } from './client-url.js';
import { SupervisedChild } from './supervised-child.js';

/** A gateway without PostgreSQL and worker beside it. */
export interface ApartGateway {
  readonly url: string;
  stop(): Promise<void>;
  kill(): void;
}

/**
 * Starts a gateway alone, on databases that another machine has prepared; any number of them may run.
 * @throws Error with the reason when it cannot start
 */
export async function startApartGateway(
  configuration: Configuration,
  logLevel: GatewayConfiguration['logLevel'],
  log: Logger,
): Promise<ApartGateway> {
  const { GATEWAY_DATABASE_URL, VAULT_DATABASE_URL, BULKHEAD_DEPLOYMENT_ID } = configuration;
  if (GATEWAY_DATABASE_URL === undefined || VAULT_DATABASE_URL === undefined || BULKHEAD_DEPLOYMENT_ID === undefined) {
    throw new Error('a gateway apart is told its databases and its deployment');
  }
  const gateway = new SupervisedChild<GatewayConfiguration>(
    'gateway',
    {
      host: configuration.HOST,
      port: configuration.PORT,
      operationalUrl: GATEWAY_DATABASE_URL,
      vaultUrl: VAULT_DATABASE_URL,
      contextKey: readKey(configuration, 'context'),
      telemetryKey: readKey(configuration, 'telemetry'),
      environment: configuration.BULKHEAD_ENVIRONMENT,
      deployment: BULKHEAD_DEPLOYMENT_ID,
      trustedProxies: configuration.TRUSTED_PROXIES,
      telemetryPools: configuration.TELEMETRY_POOLS,
      egress: egressPolicy(configuration),
      ...redisOf(configuration),
      exportDirectory: configuration.EXPORT_DIRECTORY,
      ...tracingPart(configuration),
      ...logFilesPart(configuration),
      logLevel,
    },
    log,
  );
  const url = (await gateway.start()) ?? '';
  return { url: clientUrl(url), stop: () => gateway.stop(), kill: () => gateway.kill() };
}
