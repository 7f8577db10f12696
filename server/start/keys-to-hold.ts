import { type KeyVersions, keyIdOf } from '../../vault/held-keys.js';
import type { Configuration } from '../configuration.js';
import { type DeploymentKeys, givenKey, keyFiles, type RotatedKind, readKeys } from '../keys.js';

/** Keys of a kind that the processes are to hold, and what is wrong with those of the key ring. */
export interface KeysToHold {
  readonly keys: KeyVersions;
  /** What to do, in a sentence. */
  readonly fault?: string;
}

/**
 * The keys of the key ring; those that are held, where it lacks the current one: no rotation and no removal takes it away,
 * so that its file was lost, and the processes that run may hold the last copy.
 * @throws BulkheadError UNAVAILABLE when a file cannot be read
 */
export function keysToHold(configuration: Configuration, kind: RotatedKind, held: DeploymentKeys): KeysToHold {
  const [current] = held[kind];
  const isEmpty = givenKey(configuration, kind) === undefined && keyFiles(configuration, kind).length === 0;
  const found = isEmpty ? undefined : readKeys(configuration, kind);
  if (found?.some((key) => key.equals(current)) === true) return { keys: found };
  return {
    keys: held[kind],
    fault:
      `The current ${kind} key ${keyIdOf(current)} is gone from the key ring: put its file back from a copy of the key ` +
      'ring before Bulkhead is stopped. Until then it is held in memory only, and no other key is taken on.',
  };
}
