import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startFault } from '../db/embedded/start-fault.js';
import { keyIdOf } from '../vault/held-keys.js';
import type { Configuration } from './configuration.js';
import { addKeyFile, keyFiles, type RotatedKind } from './keys.js';

const keyBytes = 32;

/** A key that was made. */
export interface NewKey {
  readonly id: string;
  /** Its file in home. */
  readonly path: string;
}

/** Makes the id of a key known before it is anywhere. */
export type BeforeUse = (id: string) => Promise<void>;

/**
 * Makes a key and puts it into the key ring of home, where `start` finds it.
 * @param copyTo directory with a copy of the key ring, which gets all of this kind, this one before home has it
 * @param beforeUse called before it is in any file
 * @throws BulkheadError UNAVAILABLE when a file cannot be written, or holds another key than was written
 */
export async function makeNewKey(
  configuration: Configuration,
  kind: RotatedKind,
  copyTo: string | undefined,
  beforeUse: BeforeUse,
): Promise<NewKey> {
  const key = randomBytes(keyBytes);
  try {
    const id = keyIdOf(key);
    await beforeUse(id);
    if (copyTo !== undefined) copyKeys(configuration, kind, key, copyTo);
    const path = addKeyFile(configuration, kind, key);
    if (keyFiles(configuration, kind).find((file) => file.path === path)?.id !== id) {
      throw startFault(`${path} does not hold the key that was made: remove it, unless "keys list" shows its id.`);
    }
    return { id, path };
  } finally {
    key.fill(0);
  }
}

/** The number of the next file of a kind. */
export function nextNumber(configuration: Configuration, kind: RotatedKind): number {
  return (keyFiles(configuration, kind)[0]?.number ?? 0) + 1;
}

/** Those that the copy lacks come first, so that the new one is the newest there too. */
function copyKeys(configuration: Configuration, kind: RotatedKind, key: Buffer, to: string): void {
  const copy = { ...configuration, BULKHEAD_HOME: to };
  mkdirSync(join(to, 'keys'), { recursive: true, mode: 0o700 });
  const held = new Set(keyFiles(copy, kind).map(({ id }) => id));
  const missing = keyFiles(configuration, kind).filter(({ id }) => !held.has(id));
  for (const older of missing.reverse()) addKeyFile(copy, kind, older.key);
  addKeyFile(copy, kind, key);
}
