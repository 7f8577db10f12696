import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { startFault } from '../db/embedded/start-fault.js';
import { homeJson, readHomeJson } from './home-json.js';
import { createPrivateFile } from './private-file.js';

const shape = z.object({ deploymentId: z.uuid() });

/**
 * Id of the deployment in `<home>/deployment.json`, made at the first time. It is bound into sealed secrets: where it is
 * lost, they cannot be opened again.
 * @throws BulkheadError UNAVAILABLE when the file is damaged or cannot be written
 */
export function deploymentIdOf(home: string): string {
  const file = fileOf(home);
  const known = readHomeJson(file, shape);
  if (known !== undefined) return known.deploymentId;
  const deploymentId = randomUUID();
  createPrivateFile(file, homeJson({ deploymentId }));
  return deploymentId;
}

/**
 * Id of a deployment that has been started before.
 * @throws BulkheadError UNAVAILABLE when it is not there
 */
export function knownDeploymentId(home: string): string {
  const known = readHomeJson(fileOf(home), shape);
  if (known === undefined) {
    throw startFault(`${fileOf(home)} is not there: start Bulkhead once ("npm start"), or name its home.`);
  }
  return known.deploymentId;
}

function fileOf(home: string): string {
  return join(home, 'deployment.json');
}
