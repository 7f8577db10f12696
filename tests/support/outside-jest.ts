import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, runInThisContext } from 'node:vm';
import { packageRoot } from '../../db/package-root.js';

const importNatively: (url: string) => Promise<unknown> = runInThisContext('(url) => import(url)', {
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});

/**
 * Imports a file of the build as Node does, outside of the sandbox that jest makes for each test file: code runs faster
 * there, and is loaded once for all files of a process. Its classes are others than those of the same file in the sandbox.
 * @param file path from `dist/`, e.g. `server/gateway.js`
 */
export async function importOutside<Exports>(file: string): Promise<Exports> {
  return (await importNatively(pathToFileURL(join(packageRoot, 'dist', file)).href)) as Exports;
}
