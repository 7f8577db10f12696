import type { AddressInfo } from 'node:net';
import { type DestinationStream, pino } from 'pino';
import { RememberedKeys } from '../auth/api-keys/remembered-keys.js';
import { SharedBuckets } from '../auth/rate-limits/shared-buckets.js';
import { TokenBuckets } from '../auth/rate-limits/token-buckets.js';
import { closeDatabase, openDatabase, requireUnprivilegedRole } from '../db/database.js';
import { AnswerSeal } from '../domain/idempotency/answer-seal.js';
import { applyEvent } from '../domain/integration/apply-event.js';
import { TelemetryService } from '../domain/telemetry/telemetry-service.js';
import { publicOnly } from '../integrations/egress/egress-policy.js';
import { HandlerThreads } from '../integrations/templates/handler-threads.js';
import { IntegrationWork } from '../jobs/integrations/integration-work.js';
import type { PlannedReadCounts } from '../plan/planned-reads.js';
import { reportProcess } from '../signals/report-process.js';
import { startTracing } from '../tracing/start-tracing.js';
import { VaultWriter } from '../vault/vault-writer.js';
import { AddressBans } from './address-bans.js';
import { addDocumentationRoutes } from './documentation/documentation-routes.js';
import { trustSource } from './documentation/trust-source.js';
import { addExportRoute } from './export-route.js';
import type { GatewayConfiguration } from './gateway-configuration.js';
import { GatewaySignals } from './gateway-signals.js';
import { addGraphqlRoute } from './graphql-route.js';
import { addHealthRoutes } from './health-routes.js';
import { addHookRoute } from './hook-route.js';
import { createHttpServer } from './http-server.js';
import { measureGateway } from './measure-gateway.js';
import { addMetricsRoute } from './metrics-route.js';
import { addOperatorRoute } from './operator-route.js';
import { addPageRoutes } from './page-routes.js';
import { refuseBanned } from './refuse-banned.js';
import type { SchemaLayers } from './schema.js';

/** Milliseconds that requests under way have when the gateway stops. */
const closePatienceMs = 3000;

/** A running gateway. */
export interface Gateway {
  /** Address of the server, e.g. `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Query operations that were planned, and why others were not, since the start. */
  readonly plannedReads: PlannedReadCounts;
  /** Stops listening, lets requests under way finish (3 s at most), closes all connections. */
  close(): Promise<void>;
}

/**
 * Starts a gateway: any number of them may run beside each other.
 * @param logTo where log lines go (default standard output)
 * @throws Error when a database role is privileged, a database is not reachable, or the port is in use
 */
export async function startGateway(
  configuration: GatewayConfiguration,
  layers: SchemaLayers = {},
  logTo?: DestinationStream,
): Promise<Gateway> {
  const { contextKey, telemetryKey, environment, deployment } = configuration;
  const log = pino({ level: configuration.logLevel, base: { process: 'gateway' } }, logTo);
  const operational = openDatabase({
    url: configuration.operationalUrl,
    contextKey,
    applicationName: 'bulkhead gateway',
  });
  const vaultDatabase = openDatabase({ url: configuration.vaultUrl, contextKey, applicationName: 'bulkhead gateway' });
  const telemetry = new TelemetryService(operational, configuration.operationalUrl, {
    telemetryKey,
    maxPools: configuration.telemetryPools,
  });
  const vault = new VaultWriter(vaultDatabase, deployment);
  const handlers = new HandlerThreads();
  const stopTracing = await startTracing('gateway', configuration.tracing);
  const signals = new GatewaySignals(new AddressBans(configuration.trustedProxies, log));
  const app = createHttpServer(log, configuration.trustedProxies, signals);
  const close = async () => {
    // Node no longer looks for requests that take too long to arrive once it has stopped listening.
    const patience = setTimeout(() => app.server.closeAllConnections(), closePatienceMs);
    await app.close();
    clearTimeout(patience);
    await handlers.close();
    await telemetry.close();
    await Promise.all([closeDatabase(operational), closeDatabase(vaultDatabase)]);
    await stopTracing();
  };

  try {
    await requireUnprivilegedRole(operational);
    await requireUnprivilegedRole(vaultDatabase);
    addHealthRoutes(app, { operational, vault: vaultDatabase });
    addPageRoutes(app);
    addDocumentationRoutes(app, trustSource(operational));
    const keys = new RememberedKeys(operational);
    app.addHook('onClose', () => keys.close());
    const { redisUrl } = configuration;
    const shared = redisUrl === undefined ? undefined : await SharedBuckets.open(redisUrl, deployment, log);
    const buckets = new TokenBuckets(operational, shared);
    app.addHook('onClose', () => buckets.close());
    const answerSeal = new AnswerSeal(telemetryKey);
    const egress = configuration.egress ?? publicOnly;
    const services = {
      ...{ operational, vault, telemetry, handlers, keys, buckets, answerSeal },
      ...{ environment, egress, signals, log },
    };
    const { plannedReads, live } = await addGraphqlRoute(app, services, layers);
    // After what tells sockets from requests: a handshake that is refused has to be ended.
    refuseBanned(app, signals.bans, keys);
    addHookRoute(app, { operational, bans: signals.bans, log });
    const inboundEvents = new IntegrationWork(operational, log, {
      EVENT: (_identity, event) => applyEvent({ operational, telemetry, handlers }, event),
    });
    app.addHook('onClose', () => inboundEvents.close());
    const { exportDirectory } = configuration;
    addExportRoute(app, { operational, buckets, keys, environment, exportDirectory, log });
    measureGateway(signals.metrics, { operational, vaultDatabase, plannedReads, live });
    addMetricsRoute(app, { operational, environment, metrics: signals.metrics });
    await addOperatorRoute(app, { operational, telemetryKey, environment, log });
    const report = reportProcess({
      database: operational,
      metrics: signals.metrics,
      evidence: () => signals.evidence(),
      log,
      ...(configuration.reportEveryMs === undefined ? {} : { everyMs: configuration.reportEveryMs }),
    });
    app.addHook('onClose', () => report.close());
    await app.listen({ host: configuration.host, port: configuration.port });
    return {
      url: urlOf(configuration.host, app.server.address() as AddressInfo),
      get plannedReads() {
        return plannedReads.counts;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function urlOf(host: string, { port }: AddressInfo): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
