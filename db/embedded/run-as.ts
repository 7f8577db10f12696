import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { startFault } from './start-fault.js';

/** The user that PostgreSQL runs as where it cannot be our own. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL asks for the passwd entry of its user, so only users with a name will do; nobody is in every passwd. */
const candidates = ['postgres', 'nobody'];

/**
 * PostgreSQL refuses to run as root: as root this answers the user that owns the data directory, before there is one the
 * user `postgres`, else `nobody`; as any other user undefined, which means our own.
 * @throws BulkheadError UNAVAILABLE when the system has neither, or the data belongs to a third one.
 */
export function serverUser(dataDirectory: string): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(dataDirectory, { throwIfNoEntry: false })?.uid;
  for (const name of candidates) {
    const uid = idOf('-u', name);
    const gid = idOf('-g', name);
    if (uid === undefined || gid === undefined || uid === 0) continue;
    if (owner === undefined || owner === uid) return { name, uid, gid };
  }
  if (owner !== undefined) {
    throw startFault(
      `${dataDirectory} belongs to uid ${owner}, and as root PostgreSQL runs as "postgres" or "nobody" only. ` +
        `Give it back to the one that had it (chown -R postgres ${dataDirectory}).`,
    );
  }
  throw startFault(
    'PostgreSQL does not run as root and there is neither a user "postgres" nor "nobody". ' +
      'Add one (useradd --system postgres), or start Bulkhead as a user other than root.',
  );
}

function idOf(flag: '-u' | '-g', name: string): number | undefined {
  try {
    const text = execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}
