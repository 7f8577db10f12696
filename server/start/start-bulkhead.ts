import { type Logger, pino } from 'pino';
import { type Demo, prepareDemo } from '../../demo/prepare-demo.js';
import { startSimulator } from '../../demo/simulator.js';
import type { Configuration } from '../configuration.js';
import { roleAddresses } from '../database-address.js';
import { deploymentIdOf } from '../deployment-id.js';
import { makeKeys } from '../keys.js';
import { makeRolePasswords } from '../role-credentials.js';
import { type ChildIngredients, gatewayConfiguration, workerConfiguration } from './child-configurations.js';
import { CleanUp } from './clean-up.js';
import { clientUrl } from './client-url.js';
import { prepareDatabases } from './prepare-databases.js';
import { requireFreePort } from './require-free-port.js';
import { startApartGateway } from './start-apart-gateway.js';
import { openStorage, type Storage } from './storage.js';
import { SupervisedChild } from './supervised-child.js';

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

/** The two processes beside PostgreSQL. */
interface Children {
  readonly url: string;
  stop(): Promise<void>;
  kill(): void;
}

/**
 * Starts everything that serves: PostgreSQL, gateway and worker, each of the last two in a process of its own that is
 * started again when it ends.
 * @param signal ends a start that is under way; what was started is stopped before this rejects
 * @throws BulkheadError with what to do, when something keeps it from starting; everything is stopped then
 */
export async function startBulkhead(configuration: Configuration, signal: AbortSignal): Promise<RunningBulkhead> {
  const log = supervisorLog(configuration);
  const cleanUp = new CleanUp();
  try {
    await requireFreePort(configuration.HOST, configuration.PORT);
    if (configuration.isGatewayApart) return await startApartGateway(configuration, log);

    const storage = await openStorage(configuration, log);
    cleanUp.add(() => storage.close());
    signal.throwIfAborted();

    const ingredients = makeIngredients(configuration, log);
    await prepareDatabases(storage.adminUrl(), ingredients.passwords, ingredients.keys.context);
    signal.throwIfAborted();

    const children = await startChildren(ingredients, storage, cleanUp, log);
    signal.throwIfAborted();

    const demo = await demonstrate(ingredients, storage, children.url, cleanUp, log);
    signal.throwIfAborted();
    return { url: children.url, demo, stop: () => cleanUp.run(), hurry: children.kill };
  } catch (error) {
    await cleanUp.run();
    throw error;
  }
}

/** One JSON line an event, on standard error like those of the children. */
function supervisorLog(configuration: Configuration): Logger {
  const base = { process: 'supervisor' };
  return pino({ level: logLevelOf(configuration), base }, pino.destination({ dest: process.stderr.fd, sync: true }));
}

/** A person at a terminal is spared the lines of every request; who keeps standard error gets them. */
function logLevelOf({ LOG_LEVEL }: Configuration): ChildIngredients['logLevel'] {
  return LOG_LEVEL ?? (process.stderr.isTTY ? 'warn' : 'info');
}

function makeIngredients(configuration: Configuration): ChildIngredients {
  const home = configuration.BULKHEAD_HOME;
  return {
    configuration,
    keys: makeKeys(configuration),
    passwords: makeRolePasswords(home),
    deployment: deploymentIdOf(home),
    logLevel: logLevelOf(configuration),
  };
}

async function startChildren(
  ingredients: ChildIngredients,
  storage: Storage,
  cleanUp: CleanUp,
  log: Logger,
): Promise<Children> {
  let port = ingredients.configuration.PORT;
  const gateway = new SupervisedChild('gateway', gatewayConfiguration(ingredients, storage.adminUrl(), port), log);
  const worker = new SupervisedChild('worker', workerConfiguration(ingredients, storage.adminUrl()), log);
  const stop = async () => {
    await Promise.all([gateway.stop(), worker.stop()]);
  };
  cleanUp.add(stop);
  const [url = ''] = await Promise.all([gateway.start(), worker.start()]);
  port = Number(new URL(url).port || 80);
  const reconfigure = () => {
    gateway.reconfigure(gatewayConfiguration(ingredients, storage.adminUrl(), port));
    worker.reconfigure(workerConfiguration(ingredients, storage.adminUrl()));
  };
  storage.onMoved(reconfigure);
  return {
    url: clientUrl(url),
    stop,
    kill: () => {
      gateway.kill();
      worker.kill();
    },
  };
}
