import { type Logger, pino } from 'pino';
import { closeDatabase, openDatabase } from '../../db/database.js';
import { startSimulator } from '../../demo/simulator.js';
import { logFiles } from '../../signals/log-files.js';
import type { Configuration } from '../configuration.js';
import { roleAddresses } from '../database-address.js';
import { deploymentIdOf } from '../deployment-id.js';
import { forgetGatewayAddress, noteGatewayAddress } from '../gateway-address.js';
import { makeKeys } from '../keys.js';
import { makeRolePasswords } from '../role-credentials.js';
import { type ChildIngredients, logFilesPart } from './child-configurations.js';
import { CleanUp } from './clean-up.js';
import { type Demo, demonstrate } from './demonstrate.js';
import { watchKeys } from './key-watch.js';
import { prepareDatabases } from './prepare-databases.js';
import { requireFreePort } from './require-free-port.js';
import { startApartGateway } from './start-apart-gateway.js';
import { startChildren } from './start-children.js';
import { startWatch } from './start-watch.js';
import { openStorage, type Storage } from './storage.js';

/** A Bulkhead that serves. */
export interface RunningBulkhead {
  /** Address for clients on this machine. */
  readonly url: string;
  /** The demo organization; none where DATABASE_URL replaces the embedded PostgreSQL. */
  readonly demo: Demo | undefined;
  /** Gateway and worker finish what is under way (at most 5 s), then PostgreSQL stops. */
  stop(): Promise<void>;
  /** Makes a `stop()` that is under way wait no longer for gateway and worker. */
  hurry(): void;
}

/**
 * Starts everything that serves: PostgreSQL, gateway and worker, each of the last two in a process of its own that is
 * started again when it ends. A gateway that runs apart is started alone.
 * @param signal ends a start that is under way; what was started is stopped before this rejects
 * @throws BulkheadError with what to do, when something keeps it from starting; everything is stopped then
 */
export async function startBulkhead(configuration: Configuration, signal: AbortSignal): Promise<RunningBulkhead> {
  const logLevel = logLevelOf(configuration);
  const log = supervisorLog(logLevel, configuration);
  await requireFreePort(configuration.HOST, configuration.PORT);
  if (configuration.isGatewayApart) {
    const { url, stop, kill } = await startApartGateway(configuration, logLevel, log);
    return { url, demo: undefined, stop, hurry: kill };
  }

  const cleanUp = new CleanUp();
  try {
    const storage = await openStorage(configuration, log);
    cleanUp.add(() => storage.close());
    signal.throwIfAborted();

    const ingredients = makeIngredients(configuration, logLevel);
    await prepareDatabases(storage.adminUrl(), ingredients.passwords, ingredients.keys.context);
    signal.throwIfAborted();

    const { url, kill, takeKeys } = await startChildren(ingredients, storage, cleanUp, log);
    noteGatewayAddress(configuration.BULKHEAD_HOME, url);
    cleanUp.add(async () => forgetGatewayAddress(configuration.BULKHEAD_HOME));
    const keyWatch = watchKeys(ingredients, storage, takeKeys, log);
    cleanUp.add(() => keyWatch.close());
    const watch = startWatch(ingredients, storage, log);
    cleanUp.add(() => watch.close());
    signal.throwIfAborted();

    const demo = storage.isEmbedded ? await startDemo(ingredients, storage, url, signal, cleanUp, log) : undefined;
    signal.throwIfAborted();
    return { url, demo, stop: () => cleanUp.run(), hurry: kill };
  } catch (error) {
    await cleanUp.run();
    throw error;
  }
}

/** A person at a terminal is spared a line for every request; who keeps standard error gets them. */
function logLevelOf({ LOG_LEVEL, LOG_DIRECTORY }: Configuration): ChildIngredients['logLevel'] {
  return LOG_LEVEL ?? (process.stderr.isTTY && LOG_DIRECTORY === undefined ? 'warn' : 'info');
}

/** One JSON line an event, where those of the children go: on standard error, or in files. */
function supervisorLog(level: string, configuration: Configuration): Logger {
  const { logFiles: files } = logFilesPart(configuration);
  const destination =
    files === undefined ? pino.destination({ dest: process.stderr.fd, sync: true }) : logFiles('supervisor', files);
  return pino({ level, base: { process: 'supervisor' } }, destination);
}

function makeIngredients(configuration: Configuration, logLevel: ChildIngredients['logLevel']): ChildIngredients {
  const home = configuration.BULKHEAD_HOME;
  return {
    configuration,
    keys: makeKeys(configuration),
    passwords: makeRolePasswords(home),
    deployment: deploymentIdOf(home),
    logLevel,
  };
}

/** Makes the demo organization and lets its things report. Without it everything else serves all the same. */
async function startDemo(
  { configuration, passwords, keys }: ChildIngredients,
  storage: Storage,
  url: string,
  signal: AbortSignal,
  cleanUp: CleanUp,
  log: Logger,
): Promise<Demo | undefined> {
  const operational = openDatabase({
    url: roleAddresses(storage.adminUrl(), passwords).gateway,
    contextKey: keys.context,
    maxConnections: 1,
    applicationName: 'bulkhead start',
  });
  try {
    const { BULKHEAD_HOME: home, BULKHEAD_ENVIRONMENT: environment } = configuration;
    const demo = await demonstrate({ home, url, operational, telemetryKey: keys.telemetry, environment, signal });
    if (demo === undefined) return undefined;
    const simulator = startSimulator(demo, (reason) => log.warn({ reason }, 'demo'));
    cleanUp.add(() => simulator.stop());
    return demo;
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : 'unknown';
    log.error({ reason }, 'the demo organization could not be made; the next start goes on with it');
    return undefined;
  } finally {
    await closeDatabase(operational);
  }
}
