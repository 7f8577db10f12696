import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readlinkSync, realpathSync, type Stats, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { startFault } from './start-fault.js';

/** Where clusters and copied binaries live when we are root: below /root the server's user could not reach them. */
const rootDirectory = '/var/lib/bulkhead';

/** Where things of one home live. */
export interface ClusterLocation {
  /** PostgreSQL's data directory. */
  readonly dataDirectory: string;
  /** Where binaries are copied to when node_modules cannot be used as it is. */
  readonly cacheDirectory: string;
}

/**
 * The data directory of a home: `<home>/postgres`; as root `/var/lib/bulkhead/<16 hex of sha256 of home's path>`, to
 * which `<home>/postgres` is then a link, so that a person finds it.
 * @param home real path of the home directory.
 * @throws BulkheadError UNAVAILABLE when the cluster that the home has belongs to another user or another home: to
 * begin with a second, empty one would look like the loss of all data.
 */
export function clusterLocation(home: string): ClusterLocation {
  return process.getuid?.() === 0 ? rootLocation(home) : ownLocation(home);
}

function ownLocation(home: string): ClusterLocation {
  const pointer = join(home, 'postgres');
  const cacheDirectory = join(home, 'postgres-bin');
  const found = lstatSync(pointer, { throwIfNoEntry: false });
  if (found === undefined) return { dataDirectory: pointer, cacheDirectory };
  const owner = reachable(pointer)?.uid;
  if (owner === undefined || (process.getuid !== undefined && owner !== process.getuid())) {
    throw startFault(
      `The PostgreSQL data of ${home} belongs to another user, because Bulkhead was started here as that user or as root. ` +
        'Start it as that user again, or use another home.',
    );
  }
  return { dataDirectory: realpathSync(pointer), cacheDirectory };
}

function rootLocation(home: string): ClusterLocation {
  const pointer = join(home, 'postgres');
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16);
  const dataDirectory = join(rootDirectory, name);
  const found = lstatSync(pointer, { throwIfNoEntry: false });
  if (found !== undefined && !found.isSymbolicLink()) {
    throw startFault(
      `${pointer} is the PostgreSQL data of uid ${found.uid}, and PostgreSQL does not run as root. ` +
        'Start Bulkhead as the user that started it first, or use another home.',
    );
  }
  mkdirSync(rootDirectory, { recursive: true, mode: 0o755 });
  if (found === undefined) symlinkSync(dataDirectory, pointer);
  const target = found === undefined ? dataDirectory : readlinkSync(pointer);
  if (target !== dataDirectory) {
    throw startFault(
      `${home} was moved or copied: its PostgreSQL data is still in ${target}. If it was moved, stop that PostgreSQL, ` +
        `then "mv ${target} ${dataDirectory}" and "ln -sfn ${dataDirectory} ${pointer}". A copy needs a home of its own.`,
    );
  }
  return { dataDirectory, cacheDirectory: join(rootDirectory, 'bin') };
}

function reachable(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
