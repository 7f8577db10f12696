import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { misfits } from './configuration-misfits.js';
import { type ConfigurationMistake, ConfigurationMistakes } from './configuration-mistakes.js';
import { settings } from './configuration-settings.js';

/** Variables of a process, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings as they were read, each checked by itself. */
export type Settings = Readonly<z.infer<typeof settings>>;

/** Configuration of Bulkhead: frozen, checked, defaults filled in. Variables and their meaning: `docs/configuration.md`. */
export interface Configuration extends Settings {
  /** Absolute path of the directory that holds keys, credentials and the embedded PostgreSQL. */
  readonly BULKHEAD_HOME: string;
  /** Absolute path of the directory of the copies of the audit log. */
  readonly CHECKPOINT_DIRECTORY: string;
  /** Absolute path of the directory of archives. */
  readonly EXPORT_DIRECTORY: string;
  /** Absolute path of the directory of the ledger of deletions. */
  readonly LEDGER_DIRECTORY: string;
  /** Absolute path of the directory of backups. */
  readonly BACKUP_DIRECTORY: string;
  /** Whether only a gateway is to run, on databases that another machine has prepared. */
  readonly isGatewayApart: boolean;
}

/** Our own prefix: a name that begins so and is no setting is a typing error. */
const ownPrefix = 'BULKHEAD_';

/** What a child process gets of the environment: the system's own needs and nothing of ours. */
const childVariables = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'SystemRoot', 'NODE_EXTRA_CA_CERTS'];

/**
 * Reads the configuration of this process. An empty variable counts as one that is not set.
 * @throws ConfigurationMistakes with every mistake at once, values left out
 */
export function loadConfiguration(): Configuration {
  return readConfiguration(processEnvironment());
}

/**
 * Reads the configuration from the given variables; relative paths start at the working directory.
 * @throws ConfigurationMistakes
 */
export function readConfiguration(environment: Environment): Configuration {
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = settings.safeParse(present);
  const mistakes = [
    ...faultsOf(parsed.error),
    ...misfits((name) => present[name] !== undefined),
    ...unknownNames(present),
  ];
  if (!parsed.success || mistakes.length > 0) throw new ConfigurationMistakes(mistakes);
  const { BULKHEAD_HOME, CHECKPOINT_DIRECTORY, EXPORT_DIRECTORY, LEDGER_DIRECTORY, BACKUP_DIRECTORY } = parsed.data;
  return Object.freeze({
    ...parsed.data,
    BULKHEAD_HOME: resolve(BULKHEAD_HOME),
    CHECKPOINT_DIRECTORY: resolve(CHECKPOINT_DIRECTORY ?? join(BULKHEAD_HOME, 'checkpoints')),
    EXPORT_DIRECTORY: resolve(EXPORT_DIRECTORY ?? join(BULKHEAD_HOME, 'exports')),
    ...(parsed.data.LOG_DIRECTORY === undefined ? {} : { LOG_DIRECTORY: resolve(parsed.data.LOG_DIRECTORY) }),
    LEDGER_DIRECTORY: resolve(LEDGER_DIRECTORY ?? join(BULKHEAD_HOME, 'ledger')),
    BACKUP_DIRECTORY: resolve(BACKUP_DIRECTORY ?? join(BULKHEAD_HOME, 'backups')),
    isGatewayApart: parsed.data.GATEWAY_DATABASE_URL !== undefined,
  });
}

/** Environment of a child process. `production` keeps stack traces out of every answer, whatever a library defaults to. */
export function childEnvironment(): Record<string, string> {
  const environment = processEnvironment();
  const kept = childVariables.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), NODE_ENV: 'production' };
}

function processEnvironment(): Environment {
  // biome-ignore lint/style/noProcessEnv: the one place that reads it.
  return process.env;
}

function faultsOf(error: z.ZodError | undefined): ConfigurationMistake[] {
  return (error?.issues ?? []).map(({ path, message }) => ({ name: String(path[0]), complaint: message }));
}

function unknownNames(environment: Environment): ConfigurationMistake[] {
  const known = Object.keys(settings.shape).filter((name) => name.startsWith(ownPrefix));
  return Object.keys(environment)
    .filter((name) => name.startsWith(ownPrefix) && !known.includes(name))
    .map((name) => ({
      name,
      complaint: `is no setting (a typing error?): those of this prefix are ${known.join(', ')}`,
    }));
}
