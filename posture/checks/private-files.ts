import { readdirSync, type Stats, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Check, notProvided, passUnless } from '../check.js';
import type { PostureContext } from '../posture-context.js';

const foreignPermissions = 0o077;
/** PostgreSQL allows the group of its user to read its data. */
const permissionsBesideServer = 0o027;
/** Files of home that hold secrets, beside all of `keys/`. */
const secrets = ['roles.json', 'postgres.json', 'demo.json'];

/** Files with keys and passwords can be read by nobody but the user that runs Bulkhead, data only by PostgreSQL. */
export const privateFiles: Check = {
  id: 'private-files',
  title: 'Keys, passwords and data on this machine are private files',
  look: async (context) => {
    if (process.platform === 'win32') return notProvided('Windows has no modes of files');
    const { home, secretFiles } = context.configuration;
    const keys = entriesOf(join(home, 'keys')).map((name) => join(home, 'keys', name));
    const files = [home, join(home, 'keys'), ...keys, ...secrets.map((name) => join(home, name)), ...secretFiles];
    const found = present(files);
    const user = userOf(context);
    const faults = found.flatMap(({ name, stats: { mode, uid } }) => [
      ...((mode & foreignPermissions) === 0 ? [] : [`${name} has mode ${(mode & 0o777).toString(8)}`]),
      ...(uid === 0 || uid === user ? [] : [`${name} belongs to uid ${uid}`]),
    ]);
    if (found.length === 0) faults.push('no file with keys was found');
    const ofServer = present(await directoriesOfServer(context));
    faults.push(...faultsOfServer(ofServer));
    const count = found.length + ofServer.length;
    return passUnless(faults, `${count} files and directories, none open to other users`);
  },
};

interface Present {
  readonly name: string;
  readonly stats: Stats;
}

function present(paths: readonly string[]): Present[] {
  return paths.flatMap((path) => {
    const stats = statOf(path);
    return stats === undefined ? [] : [{ name: basename(path), stats }];
  });
}

/** The user that Bulkhead runs as: of the process that has started it, else whom home belongs to. */
function userOf({ configuration: { home, supervisorPid }, systemRoot }: PostureContext): number | undefined {
  return (statOf(join(systemRoot, 'proc', String(supervisorPid))) ?? statOf(home))?.uid;
}

/** The directory of the data first, then the one into which WAL is archived, where PostgreSQL tells them. */
async function directoriesOfServer({ operational }: PostureContext): Promise<string[]> {
  const [row] = await operational.ask<{ data: string | null; spool: string | null }>(`
    select current_setting('data_directory', true) as data,
           current_setting('basic_archive.archive_directory', true) as spool
    where pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')`);
  return [row?.data, row?.spool].filter((path) => typeof path === 'string' && path !== '') as string[];
}

function faultsOfServer(directories: readonly Present[]): string[] {
  const owner = directories[0]?.stats.uid;
  return directories.flatMap(({ name, stats: { mode, uid } }) => [
    ...((mode & permissionsBesideServer) === 0 ? [] : [`${name} has mode ${(mode & 0o777).toString(8)}`]),
    ...(uid === owner ? [] : [`${name} belongs to uid ${uid}`]),
  ]);
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
