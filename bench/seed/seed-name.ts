import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';
import { seedVersion } from './seed-plan.js';

const migrationFolders = [join('db', 'migrations'), join('telemetry', 'migrations')];

/** Name of the folder of a seed: by its version and by the migrations that made its databases. */
export function seedName(kind: string): string {
  const digest = createHash('sha256');
  for (const file of migrationFolders.flatMap(filesOf)) digest.update(readFileSync(join(packageRoot, file)));
  return `${kind}-${seedVersion}-${digest.digest('hex').slice(0, 8)}`;
}

function filesOf(folder: string): string[] {
  return readdirSync(join(packageRoot, folder))
    .sort()
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(join(packageRoot, path)).isDirectory() ? filesOf(path) : [path]));
}
