import type { Logger } from 'pino';
import type { Configuration } from '../configuration.js';
import type { DeploymentKeys } from '../keys.js';
import {
  backupConfiguration,
  type ChildIngredients,
  gatewayConfiguration,
  workerConfiguration,
} from './child-configurations.js';
import type { CleanUp } from './clean-up.js';
import { clientUrl } from './client-url.js';
import type { Storage } from './storage.js';
import { SupervisedChild } from './supervised-child.js';

/** The processes beside PostgreSQL. */
export interface Children {
  /** Address of the gateway. */
  readonly url: string;
  /** Hands rotated keys to those that use them, without a restart. */
  takeKeys(keys: DeploymentKeys): void;
  /** Ends all of them at once. */
  kill(): void;
}

/** Whether the backup process runs: not where an own cluster is backed up by other means. */
export function isBackedUp(storage: Storage, configuration: Configuration): boolean {
  return storage.isEmbedded || configuration.BACKUP_OWN_CLUSTER === 'yes';
}

/**
 * Starts gateway, worker and, unless an own cluster is backed up by other means, the backup process; all are told when
 * PostgreSQL has moved.
 * @throws Error with the reason when one of them cannot start
 */
export async function startChildren(
  ingredients: ChildIngredients,
  storage: Storage,
  cleanUp: CleanUp,
  log: Logger,
): Promise<Children> {
  let port = ingredients.configuration.PORT;
  let keys = ingredients.keys;
  const gatewayPart = () => gatewayConfiguration(ingredients, storage.adminUrl(), port);
  const workerPart = () => workerConfiguration({ ...ingredients, keys }, storage.adminUrl(), port);
  const backupPart = () => backupConfiguration({ ...ingredients, keys }, storage.adminUrl(), storage.spoolDirectory);
  const gateway = new SupervisedChild('gateway', gatewayPart(), log);
  const worker = new SupervisedChild('worker', workerPart(), log);
  const backup = isBackedUp(storage, ingredients.configuration)
    ? new SupervisedChild('backup', backupPart(), log)
    : undefined;
  cleanUp.add(async () => {
    await Promise.all([gateway.stop(), worker.stop(), backup?.stop()]);
  });
  const serving = gateway.start();
  // Where any free port was asked for, the worker is told which it is, and a gateway that is started again keeps it.
  const tellPort = (url: string | undefined) => {
    port = Number(new URL(url ?? '').port);
    gateway.setConfiguration(gatewayPart());
    worker.setConfiguration(workerPart());
  };
  const told = port === 0 ? serving.then(tellPort) : Promise.resolve();
  const [url = ''] = await Promise.all([serving, told.then(() => worker.start()), backup?.start()]);
  storage.onMoved(() => {
    gateway.restartWith(gatewayPart());
    worker.restartWith(workerPart());
    backup?.restartWith(backupPart());
  });
  return {
    url: clientUrl(url),
    takeKeys: (given) => {
      keys = given;
      const { root, backup: sealing } = given;
      worker.takeKeys(workerPart(), { root });
      backup?.takeKeys(backupPart(), { root, backup: sealing });
    },
    kill: () => {
      gateway.kill();
      worker.kill();
      backup?.kill();
    },
  };
}
