import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Binaries } from './binaries.js';
import { freePort } from './loopback-port.js';
import type { ServerUser } from './run-as.js';
import { ProgramFailure, runProgram } from './run-program.js';
import { type ServerRecord, serverRecordFile, writeServerRecord } from './server-record.js';
import { startFault } from './start-fault.js';

/** Where the new cluster goes and with what it is made. */
export interface NewCluster {
  readonly home: string;
  readonly dataDirectory: string;
  readonly binaries: Binaries;
  readonly user: ServerUser | undefined;
}

/**
 * Makes a new cluster (about 1 s) and its record: UTF-8, data checksums, the built-in C.UTF-8 locale (from 17 on; C
 * before), SCRAM for every connection, a random password of 32 bytes. It is made beside its place and moved there
 * when it is whole; a leftover of an interrupted attempt is made anew.
 * @throws BulkheadError UNAVAILABLE when home knows a cluster that is not there, or initdb fails.
 */
export async function initializeCluster(cluster: NewCluster): Promise<ServerRecord> {
  const { home, dataDirectory, binaries, user } = cluster;
  const unfinished = `${dataDirectory}.new`;
  if (existsSync(serverRecordFile(home)) && !existsSync(unfinished)) throw lostCluster(home, dataDirectory);
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  if (user !== undefined) chownSync(unfinished, user.uid, user.gid);

  const password = randomBytes(32).toString('base64url');
  const passwordFile = `${unfinished}.password`;
  try {
    rmSync(passwordFile, { force: true });
    writeFileSync(passwordFile, password, { mode: 0o600, flag: 'wx' });
    if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
    await runProgram(binaries.initdb, initdbParameters(unfinished, passwordFile, binaries.major), user);
  } catch (error) {
    const output =
      error instanceof ProgramFailure ? error.output.trim().split('\n').slice(-20).join('\n') : String(error);
    throw startFault(`PostgreSQL's initdb could not make ${dataDirectory}. It said:\n${output}`, error);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  const record: ServerRecord = { port: await freePort(), user: 'postgres', password, dataDirectory, startedWith: [] };
  // Before the rename: a cluster without its password would be of no use, a record without cluster is made anew.
  writeServerRecord(home, record);
  renameSync(unfinished, dataDirectory);
  return record;
}

function initdbParameters(directory: string, passwordFile: string, major: number): string[] {
  // The C locale for the rest needs nothing of the operating system: macOS, for one, has no C.UTF-8.
  const locale = ['--encoding=UTF8', '--locale=C'];
  if (major >= 17) locale.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  const access = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  return [`--pgdata=${directory}`, '--data-checksums', ...access, ...locale];
}

function lostCluster(home: string, dataDirectory: string): Error {
  return startFault(
    `${serverRecordFile(home)} tells of PostgreSQL data in ${dataDirectory}, but it is not there. In a container, keep ` +
      'that directory in a volume, or run as a user other than root, so that the data stays in home. Restore it from a ' +
      'backup, or delete postgres.json to begin with nothing.',
  );
}
