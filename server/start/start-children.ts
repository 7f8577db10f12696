import type { Logger } from 'pino';
import { type ChildIngredients, gatewayConfiguration, workerConfiguration } from './child-configurations.js';
import type { CleanUp } from './clean-up.js';
import { clientUrl } from './client-url.js';
import type { Storage } from './storage.js';
import { SupervisedChild } from './supervised-child.js';

/** The two processes beside PostgreSQL. */
export interface Children {
  /** Address of the gateway. */
  readonly url: string;
  /** Ends both at once. */
  kill(): void;
}

/**
 * Starts gateway and worker; both are told when PostgreSQL has moved.
 * @throws Error with the reason when one of them cannot start
 */
export async function startChildren(
  ingredients: ChildIngredients,
  storage: Storage,
  cleanUp: CleanUp,
  log: Logger,
): Promise<Children> {
  let port = ingredients.configuration.PORT;
  const gatewayPart = () => gatewayConfiguration(ingredients, storage.adminUrl(), port);
  const workerPart = () => workerConfiguration(ingredients, storage.adminUrl());
  const gateway = new SupervisedChild('gateway', gatewayPart(), log);
  const worker = new SupervisedChild('worker', workerPart(), log);
  cleanUp.add(async () => {
    await Promise.all([gateway.stop(), worker.stop()]);
  });
  const [url = ''] = await Promise.all([gateway.start(), worker.start()]);
  // Where any free port was asked for, a gateway that is started again has to come back at the same one.
  port = Number(new URL(url).port || 80);
  gateway.setConfiguration(gatewayPart());
  storage.onMoved(() => {
    gateway.restartWith(gatewayPart());
    worker.restartWith(workerPart());
  });
  return {
    url: clientUrl(url),
    kill: () => {
      gateway.kill();
      worker.kill();
    },
  };
}
