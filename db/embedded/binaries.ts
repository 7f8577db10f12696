import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { completePackage, findBundledPackage } from './bundled-package.js';
import { copyPackage } from './copy-package.js';
import type { ServerUser } from './run-as.js';
import { ProgramFailure, runProgram } from './run-program.js';
import { startFault } from './start-fault.js';

/** The programs of one PostgreSQL, known to run as the server's user. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Sends signals on Windows; used nowhere else. */
  readonly pgCtl: string;
  /** What `postgres --version` says, e.g. `postgres (PostgreSQL) 18.4`. */
  readonly version: string;
  /** Major version, e.g. 18. */
  readonly major: number;
}

/** Where to look for binaries. */
export interface BinariesRequest {
  /** A directory with `postgres` and `initdb` (PG_BIN); without it the npm package's are used. */
  readonly binDirectory: string | undefined;
  readonly user: ServerUser | undefined;
  /** Where a copy goes when node_modules cannot be used as it is. */
  readonly cacheDirectory: string;
}

/** The oldest PostgreSQL that the product supports: CREATEROLE is safe to hand out from 16 on (release notes of 16). */
const minMajor = 16;

/**
 * Finds PostgreSQL's programs and proves that they run.
 * @throws BulkheadError UNAVAILABLE, with what to do, when there are none for this platform, they are too old, or the
 * server's user cannot run them.
 */
export async function locateBinaries(request: BinariesRequest): Promise<Binaries> {
  if (request.binDirectory !== undefined) return provenOrFault(resolve(request.binDirectory), request.user);
  const bundled = findBundledPackage();
  try {
    completePackage(bundled.directory);
    return await proven(programsOf(bundled.directory), request.user);
  } catch (error) {
    if (!isPermissionFault(error)) throw readable(programsOf(bundled.directory), request.user, error);
  }
  return provenOrFault(programsOf(copyPackage(bundled, request.cacheDirectory).directory), request.user);
}

async function provenOrFault(directory: string, user: ServerUser | undefined): Promise<Binaries> {
  try {
    return await proven(directory, user);
  } catch (error) {
    throw readable(directory, user, error);
  }
}

async function proven(directory: string, user: ServerUser | undefined): Promise<Binaries> {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const [postgres, initdb] = [join(directory, `postgres${suffix}`), join(directory, `initdb${suffix}`)];
  for (const file of [postgres, initdb]) {
    if (!existsSync(file))
      throw startFault(`${file} does not exist. PG_BIN names a directory with postgres and initdb.`);
  }
  const version = (await runProgram(postgres, ['--version'], user)).trim();
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(version)?.[1]);
  if (!(major >= minMajor)) {
    throw startFault(`${postgres} is "${version}", PostgreSQL ${minMajor} or later is needed: set PG_BIN to one.`);
  }
  return { postgres, initdb, pgCtl: join(directory, `pg_ctl${suffix}`), version, major };
}

function programsOf(packageDirectory: string): string {
  return join(packageDirectory, 'native', 'bin');
}

function isPermissionFault(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
}

function readable(directory: string, user: ServerUser | undefined, error: unknown): unknown {
  if (!(error instanceof ProgramFailure)) return error;
  if (error.code === 'EACCES') {
    const who = user === undefined ? 'this user' : `the user ${user.name}, which PostgreSQL runs as under root,`;
    return startFault(
      `${directory}: ${who} may not run it. Open the directories above it, or mount it with exec.`,
      error,
    );
  }
  if (error.code === 'ENOENT') {
    return startFault(
      `${directory}: the program is there but its loader is not: a system without glibc (Alpine and others with musl). ` +
        'Use a system with glibc (Debian), or set PG_BIN to a PostgreSQL of this system, or DATABASE_URL to a running one.',
      error,
    );
  }
  return startFault(`PostgreSQL in ${directory} does not run (${error.code}). It said:\n${error.output.trim()}`, error);
}
