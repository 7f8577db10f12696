import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startFault } from '../db/embedded/start-fault.js';
import type { Configuration } from './configuration.js';
import { createPrivateFile, readPrivateFile } from './private-file.js';

/** The keys of a deployment, 32 bytes each. None is ever in a database. */
export interface DeploymentKeys {
  /** Wraps the private keys of the organizations' vaults. */
  readonly root: Buffer;
  /** Signs the contexts of transactions. */
  readonly context: Buffer;
  /** Seals the credentials of telemetry databases. */
  readonly telemetry: Buffer;
  /** Signs the audit log: an Ed25519 seed. */
  readonly audit: Buffer;
  /** Seals backups. */
  readonly backup: Buffer;
}

/** A key of a deployment. */
export type KeyName = keyof DeploymentKeys;

const keyBytes = 32;

/**
 * The keys of a deployment: from `<NAME>_KEY` or the file of `<NAME>_KEY_FILE`, else from `<home>/keys/<name>.key`, which
 * is made at the first time (32 random bytes, 0600).
 * @throws BulkheadError UNAVAILABLE for a file that is not there, not private or not of 32 bytes
 */
export function makeKeys(configuration: Configuration): DeploymentKeys {
  mkdirSync(join(configuration.BULKHEAD_HOME, 'keys'), { recursive: true, mode: 0o700 });
  const find = (name: KeyName) => {
    const file = homeFile(configuration, name);
    return givenKey(configuration, name) ?? keyIn(file) ?? newKey(file);
  };
  return {
    root: find('root'),
    context: find('context'),
    telemetry: find('telemetry'),
    audit: find('audit'),
    backup: find('backup'),
  };
}

/**
 * One key of a deployment that has been started before.
 * @throws BulkheadError UNAVAILABLE when it is not there
 */
export function readKey(configuration: Configuration, name: KeyName): Buffer {
  const file = homeFile(configuration, name);
  const key = givenKey(configuration, name) ?? keyIn(file);
  if (key === undefined) throw startFault(`${file} is not there: start Bulkhead once ("npm start"), or name its home.`);
  return key;
}

function homeFile({ BULKHEAD_HOME }: Configuration, name: KeyName): string {
  return join(BULKHEAD_HOME, 'keys', `${name}.key`);
}

function givenKey(configuration: Configuration, name: KeyName): Buffer | undefined {
  const upper = name.toUpperCase() as Uppercase<KeyName>;
  const file = configuration[`${upper}_KEY_FILE`];
  if (file === undefined) return configuration[`${upper}_KEY`];
  const key = keyIn(file);
  if (key === undefined) throw startFault(`${upper}_KEY_FILE: ${file} is not there.`);
  return key;
}

function keyIn(file: string): Buffer | undefined {
  const content = readPrivateFile(file);
  if (content === undefined || content.length === keyBytes) return content;
  throw startFault(`${file} is no key: it has ${content.length} bytes instead of ${keyBytes}. Restore it from a copy.`);
}

function newKey(file: string): Buffer {
  const key = randomBytes(keyBytes);
  createPrivateFile(file, key);
  return key;
}
