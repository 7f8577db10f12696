import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Check, notProvided, passUnless } from '../check.js';

const foreignPermissions = 0o077;
/** Files of home that hold secrets, beside all of `keys/`. */
const secrets = ['roles.json', 'postgres.json', 'demo.json'];

/** Files with keys and passwords can be read by nobody but the user that runs Bulkhead. */
export const privateFiles: Check = {
  id: 'private-files',
  title: 'Keys and passwords on this machine are private files',
  look: async ({ configuration: { home, secretFiles } }) => {
    if (process.platform === 'win32') return notProvided('Windows has no modes of files');
    const keys = entriesOf(join(home, 'keys')).map((name) => join(home, 'keys', name));
    const files = [home, join(home, 'keys'), ...keys, ...secrets.map((name) => join(home, name)), ...secretFiles];
    const modes = files.flatMap((file) => {
      const mode = modeOf(file);
      return mode === undefined ? [] : [{ name: basename(file), mode }];
    });
    const faults = modes
      .filter(({ mode }) => (mode & foreignPermissions) !== 0)
      .map(({ name, mode }) => `${name} has mode ${(mode & 0o777).toString(8)}`);
    if (modes.length === 0) faults.push('no file with keys was found');
    return passUnless(faults, `${modes.length} files and directories, none open to other users`);
  },
};

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function modeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mode;
}
