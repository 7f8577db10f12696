import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '../seed/progress.js';

/**
 * Installs the packages of folders that have not been installed yet, each at the versions of its package.json.
 * @throws Error that says what to do
 */
export async function installPackages(folders: readonly string[], progress: Progress): Promise<void> {
  for (const folder of folders) {
    if (existsSync(join(folder, 'node_modules'))) continue;
    progress.say(`installing the packages of ${folder}, once`);
    const npm = spawn('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      stdio: ['ignore', process.stderr.fd, process.stderr.fd],
    });
    const [status] = (await Promise.race([once(npm, 'exit'), once(npm, 'error')])) as [unknown];
    if (status !== 0) {
      throw new Error(
        `The packages of ${folder} could not be installed (${String(status)}): see above; with a network, ` +
          '"npm install" there does the same. "--contenders bulkhead,raw" runs without them.',
      );
    }
  }
}
