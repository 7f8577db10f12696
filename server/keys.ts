import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory } from '../audit/sync-directory.js';
import { startFault } from '../db/embedded/start-fault.js';
import { type KeyVersions, keyIdOf } from '../vault/held-keys.js';
import type { Configuration } from './configuration.js';
import { createPrivateFile, readPrivateFile } from './private-file.js';

/** The keys of a deployment, 32 bytes each. None is ever in a database. */
export interface DeploymentKeys {
  /** Wrap the private keys of the organizations' vaults. */
  readonly root: KeyVersions;
  /** Signs the contexts of transactions. */
  readonly context: Buffer;
  /** Seals the credentials of telemetry databases. */
  readonly telemetry: Buffer;
  /** Signs the audit log: an Ed25519 seed. */
  readonly audit: Buffer;
  /** Seal backups. */
  readonly backup: KeyVersions;
}

/** A kind of key. */
export type KeyName = keyof DeploymentKeys;

/** Kinds of keys that can be rotated, of which there may be several. */
export const rotatedKinds = ['root', 'backup'] as const;
/** A kind of key that can be rotated. */
export type RotatedKind = (typeof rotatedKinds)[number];

/** All kinds of keys. */
export const keyKinds = ['root', 'backup', 'telemetry', 'context', 'audit'] as const satisfies readonly KeyName[];

const keyBytes = 32;

/** A key in a file of home. */
export interface KeyFile {
  readonly path: string;
  /** 1 for `<name>.key`, n for `<name>.n.key`. */
  readonly number: number;
  readonly id: string;
  readonly key: Buffer;
  /** When the file was written. */
  readonly writtenAt: Date;
}

/**
 * The keys of a deployment: from `<NAME>_KEY` or the file of `<NAME>_KEY_FILE`, else from `<home>/keys/<name>.key`, which
 * is made at the first time (32 random bytes, 0600). Of a kind that was rotated, the current key comes first and is the one
 * of the variable, else that of the file with the highest number (`<name>.2.key`); all other files hold retired ones.
 * @throws BulkheadError UNAVAILABLE for a file that is not there, not private or not of 32 bytes
 */
export function makeKeys(configuration: Configuration): DeploymentKeys {
  mkdirSync(directoryOf(configuration), { recursive: true, mode: 0o700 });
  for (const kind of keyKinds) {
    if (givenKey(configuration, kind) === undefined && keyFiles(configuration, kind).length === 0) {
      addKeyFile(configuration, kind, randomBytes(keyBytes));
    }
  }
  return readDeploymentKeys(configuration);
}

/**
 * All keys of a deployment that has been started before.
 * @throws BulkheadError UNAVAILABLE that names the file when one is not there
 */
export function readDeploymentKeys(configuration: Configuration): DeploymentKeys {
  return {
    root: readKeys(configuration, 'root'),
    context: readKey(configuration, 'context'),
    telemetry: readKey(configuration, 'telemetry'),
    audit: readKey(configuration, 'audit'),
    backup: readKeys(configuration, 'backup'),
  };
}

/**
 * One key of a deployment that has been started before.
 * @throws BulkheadError UNAVAILABLE when it is not there
 */
export function readKey(configuration: Configuration, name: Exclude<KeyName, RotatedKind>): Buffer {
  return keysOf(configuration, name)[0];
}

/**
 * The keys of a kind of a deployment that has been started before, the current one first.
 * @throws BulkheadError UNAVAILABLE when there is none
 */
export function readKeys(configuration: Configuration, name: RotatedKind): KeyVersions {
  return keysOf(configuration, name);
}

/** Id of the current key of a kind. */
export function currentKeyId(configuration: Configuration, name: RotatedKind): string {
  return keyIdOf(keysOf(configuration, name)[0]);
}

/** The files of home that hold keys of a kind, the newest first; one of a kind that is not rotated. */
export function keyFiles(configuration: Configuration, name: KeyName): readonly KeyFile[] {
  const directory = directoryOf(configuration);
  return namesIn(directory)
    .flatMap((file) => {
      const number = numberOf(file, name);
      const path = join(directory, file);
      const key = number === undefined ? undefined : keyIn(path);
      const writtenAt = statSync(path, { throwIfNoEntry: false })?.mtime;
      if (number === undefined || key === undefined || writtenAt === undefined) return [];
      return [{ path, number, id: keyIdOf(key), key, writtenAt }];
    })
    .sort((one, other) => other.number - one.number);
}

/**
 * Puts a key into home as the newest of its kind.
 * @returns path of its file
 */
export function addKeyFile(configuration: Configuration, name: KeyName, key: Buffer): string {
  const newest = keyFiles(configuration, name)[0]?.number ?? 0;
  const path = join(directoryOf(configuration), keyFileName(name, newest + 1));
  createPrivateFile(path, key);
  return path;
}

/**
 * Removes a key from home.
 * @returns paths of its files: a copy of one is the same key
 */
export function removeKeyFiles(configuration: Configuration, name: RotatedKind, id: string): string[] {
  const paths = keyFiles(configuration, name).flatMap((file) => (file.id === id ? [file.path] : []));
  for (const path of paths) rmSync(path);
  if (paths.length > 0) syncDirectory(directoryOf(configuration));
  return paths;
}

/** Name of the file of the n-th key of a kind, from 1. */
export function keyFileName(name: KeyName, number: number): string {
  return number === 1 ? `${name}.key` : `${name}.${number}.key`;
}

/** The key of a kind that a variable gives, which is current then; undefined where none does. */
export function givenKey(configuration: Configuration, name: KeyName): Buffer | undefined {
  const upper = name.toUpperCase() as Uppercase<KeyName>;
  const file = configuration[`${upper}_KEY_FILE`];
  if (file === undefined) return configuration[`${upper}_KEY`];
  const key = keyIn(file);
  if (key === undefined) throw startFault(`${upper}_KEY_FILE: ${file} is not there.`);
  return key;
}

function keysOf(configuration: Configuration, name: KeyName): KeyVersions {
  const given = givenKey(configuration, name);
  const found = [...(given === undefined ? [] : [given]), ...keyFiles(configuration, name).map(({ key }) => key)];
  // A variable may name a file of home.
  const [current, ...retired] = found.filter((key, at) => found.findIndex((other) => other.equals(key)) === at);
  if (current === undefined) {
    const file = join(directoryOf(configuration), keyFileName(name, 1));
    throw startFault(`${file} is not there: start Bulkhead once ("npm start"), or name its home.`);
  }
  return [current, ...retired];
}

function directoryOf({ BULKHEAD_HOME }: Configuration): string {
  return join(BULKHEAD_HOME, 'keys');
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw startFault(`${directory} cannot be read. Start as the user that owns it.`, error);
  }
}

function numberOf(file: string, name: KeyName): number | undefined {
  if (file === keyFileName(name, 1)) return 1;
  if (!rotatedKinds.some((kind) => kind === name)) return undefined;
  const [, number] = new RegExp(`^${name}\\.([1-9]\\d{0,5})\\.key$`).exec(file) ?? [];
  return number === undefined ? undefined : Number(number);
}

function keyIn(file: string): Buffer | undefined {
  const content = readPrivateFile(file);
  if (content === undefined || content.length === keyBytes) return content;
  throw startFault(`${file} is no key: it has ${content.length} bytes instead of ${keyBytes}. Restore it from a copy.`);
}
