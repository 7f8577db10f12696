import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from './configuration.js';
import { knownDeploymentId } from './deployment-id.js';
import { homeJson } from './home-json.js';
import { type DeploymentKeys, type KeyName, readKey } from './keys.js';
import { createPrivateFile } from './private-file.js';

/** What no backup holds and no restore can do without: the keys of a deployment, and its id. */
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
  const key = (name: KeyName) => readKey(configuration, name);
  return {
    keys: {
      root: key('root'),
      context: key('context'),
      telemetry: key('telemetry'),
      audit: key('audit'),
      backup: key('backup'),
    },
    deployment: knownDeploymentId(configuration.BULKHEAD_HOME),
  };
}

/** Puts a key ring into a new home. */
export function writeKeyRing(home: string, { keys, deployment }: KeyRing): void {
  const directory = join(home, 'keys');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const [name, key] of Object.entries(keys)) createPrivateFile(join(directory, `${name}.key`), key);
  createPrivateFile(join(home, 'deployment.json'), homeJson({ deploymentId: deployment }));
}
