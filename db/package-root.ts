import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder that holds package.json: the same from TypeScript sources (tests) and from `dist/` (everything else),
 * so that SQL, SDL and page assets are read from one place and never copied into the build.
 */
export const packageRoot: string = find(dirname(fileURLToPath(import.meta.url)));

function find(folder: string): string {
  if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'schema'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('package.json of bulkhead not found above the running code');
  return find(parent);
}
