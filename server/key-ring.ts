import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from './configuration.js';
import { knownDeploymentId } from './deployment-id.js';
import { homeJson } from './home-json.js';
import { type DeploymentKeys, keyFileName, keyKinds, readDeploymentKeys } from './keys.js';
import { createPrivateFile } from './private-file.js';

/** What no backup holds and no restore can do without: the keys of a deployment, retired ones too, and its id. */
export interface KeyRing {
  readonly keys: DeploymentKeys;
  readonly deployment: string;
}

/**
 * The key ring of a home, or of a directory with a copy of its `keys/` and `deployment.json`; keys that are set by
 * variables come first.
 * @throws BulkheadError UNAVAILABLE that names what is missing
 */
export function readKeyRing(configuration: Configuration): KeyRing {
  return { keys: readDeploymentKeys(configuration), deployment: knownDeploymentId(configuration.BULKHEAD_HOME) };
}

/** Puts a key ring into a new home. */
export function writeKeyRing(home: string, { keys, deployment }: KeyRing): void {
  const directory = join(home, 'keys');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const kind of keyKinds) {
    const versions = [keys[kind]].flat().reverse();
    versions.forEach((key, index) => {
      createPrivateFile(join(directory, keyFileName(kind, index + 1)), key);
    });
  }
  createPrivateFile(join(home, 'deployment.json'), homeJson({ deploymentId: deployment }));
}
