import { accessSync, constants, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { startFault } from './start-fault.js';

/**
 * Makes the home directory (0700) if it is not there and answers its real path.
 * @throws BulkheadError UNAVAILABLE when this user cannot make it or write into it.
 */
export function prepareHome(home: string): string {
  try {
    makeDirectory(home);
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
    return realpathSync(home);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown fault';
    throw startFault(
      `The home directory ${home} cannot be written (${code}). Give it to the user that runs Bulkhead${userName()}, ` +
        'or name another directory as home.',
      error,
    );
  }
}

/** Node's own way to make parents too never ends where one that is there says that it is not, as in /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
    return;
  }
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have been quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function userName(): string {
  const uid = process.getuid?.();
  return uid === undefined ? '' : ` (uid ${uid})`;
}
