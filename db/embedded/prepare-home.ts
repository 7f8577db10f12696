import { accessSync, constants, mkdirSync, realpathSync } from 'node:fs';
import { startFault } from './start-fault.js';

/**
 * Makes the home directory (0700) if it is not there and answers its real path.
 * @throws BulkheadError UNAVAILABLE when this user cannot make it or write into it.
 */
export function prepareHome(home: string): string {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
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

function userName(): string {
  const uid = process.getuid?.();
  return uid === undefined ? '' : ` (uid ${uid})`;
}
