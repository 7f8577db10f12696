import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { homeJson, readHomeJson } from './home-json.js';
import { createPrivateFile } from './private-file.js';

const shape = z.object({ deploymentId: z.uuid() });

/**
 * Id of the deployment in `<home>/deployment.json`, made at the first time. It is bound into sealed secrets: where it is
 * lost, they cannot be opened again.
 * @throws BulkheadError UNAVAILABLE when the file is damaged or cannot be written
 */
export function deploymentIdOf(home: string): string {
  const file = join(home, 'deployment.json');
  const known = readHomeJson(file, shape);
  if (known !== undefined) return known.deploymentId;
  const deploymentId = randomUUID();
  createPrivateFile(file, homeJson({ deploymentId }));
  return deploymentId;
}
