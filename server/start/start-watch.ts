import { join } from 'node:path';
import type { Logger } from 'pino';
import { alertRules } from '../../alerts/alert-rules.js';
import { AlertWatch } from '../../alerts/alert-watch.js';
import { closeDatabase, openDatabase } from '../../db/database.js';
import { DeploymentMetrics } from '../../signals/deployment-metrics.js';
import { alertReceiver } from '../alert-receiver-configuration.js';
import { keepAlerts, readAlerts } from '../alerts-of-home.js';
import type { Configuration } from '../configuration.js';
import { roleAddresses } from '../database-address.js';
import type { ChildIngredients } from './child-configurations.js';
import { isBackedUp } from './start-children.js';
import type { Storage } from './storage.js';

/** The watch of a deployment. */
export interface RunningWatch {
  close(): Promise<void>;
}

/**
 * Starts the watch over PostgreSQL, worker, gateway and disks, in this process, because it is the one that outlives the
 * others. When PostgreSQL has moved it begins anew, from what it has kept.
 */
export function startWatch(ingredients: ChildIngredients, storage: Storage, log: Logger): RunningWatch {
  let running = beginWatch(ingredients, storage, log);
  let moving: Promise<void> = Promise.resolve();
  let isClosed = false;
  storage.onMoved(() => {
    moving = moving.then(async () => {
      if (isClosed) return;
      await running.close();
      running = beginWatch(ingredients, storage, log);
    });
  });
  return {
    close: async () => {
      isClosed = true;
      await moving;
      await running.close();
    },
  };
}

function beginWatch(
  { configuration, passwords, keys, deployment }: ChildIngredients,
  storage: Storage,
  log: Logger,
): RunningWatch {
  const home = configuration.BULKHEAD_HOME;
  const database = openDatabase({
    url: roleAddresses(storage.adminUrl(), passwords).worker,
    contextKey: keys.context,
    maxConnections: 1,
    applicationName: 'bulkhead start',
  });
  const dataDirectory = join(home, 'postgres');
  const metrics = new DeploymentMetrics({
    database,
    directories: { ...directoriesOf(configuration), ...(storage.isEmbedded ? { postgres: dataDirectory } : {}) },
    ...(storage.isEmbedded ? { dataDirectory } : {}),
    expected: ['gateway', 'worker', ...(isBackedUp(storage, configuration) ? (['backup'] as const) : [])],
  });
  const receiver = alertReceiver(configuration);
  const watch = new AlertWatch({
    rules: alertRules,
    metrics,
    database,
    ...(receiver === undefined ? {} : { receiver }),
    deployment,
    remembered: readAlerts(home, log),
    keep: (alerts) => keepAlerts(home, alerts),
    log,
  });
  return {
    close: async () => {
      await watch.close();
      await closeDatabase(database);
    },
  };
}

function directoriesOf(configuration: Configuration): Readonly<Record<string, string>> {
  return {
    home: configuration.BULKHEAD_HOME,
    checkpoints: configuration.CHECKPOINT_DIRECTORY,
    exports: configuration.EXPORT_DIRECTORY,
    ledger: configuration.LEDGER_DIRECTORY,
    backups: configuration.BACKUP_DIRECTORY,
    ...(configuration.LOG_DIRECTORY === undefined ? {} : { logs: configuration.LOG_DIRECTORY }),
  };
}
