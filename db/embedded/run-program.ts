import { execFile, type SpawnOptions } from 'node:child_process';
import { parse } from 'node:path';
import { promisify } from 'node:util';
import type { ServerUser } from './run-as.js';

/** How PostgreSQL's programs are started: user, directory and environment. */
export type ProgramOptions = Pick<SpawnOptions, 'uid' | 'gid' | 'cwd' | 'env' | 'windowsHide'>;

/** A program that could not be started (`code` a system error such as EACCES) or failed (`code` its exit status). */
export class ProgramFailure extends Error {
  readonly code: string | number;
  /** What it wrote, at most 1 MiB. */
  readonly output: string;

  constructor(file: string, code: string | number, output: string) {
    super(`${file} failed (${code})\n${output}`);
    this.name = 'ProgramFailure';
    this.code = code;
    this.output = output;
  }
}

/**
 * Options to start a program of PostgreSQL with: never our environment, which may hold keys; English messages and UTC;
 * from the root directory, because the one we are in may be closed to the server's user.
 */
export function programOptions(file: string, user: ServerUser | undefined): ProgramOptions {
  return {
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    cwd: parse(file).root,
    env: { LC_ALL: 'C', TZ: 'UTC' },
    windowsHide: true,
  };
}

/**
 * Runs a program to its end and answers what it wrote to its standard output.
 * @throws ProgramFailure when it cannot be started or exits with another status than 0.
 */
export async function runProgram(file: string, parameters: string[], user: ServerUser | undefined): Promise<string> {
  try {
    const options = { ...programOptions(file, user), maxBuffer: 1_048_576, encoding: 'utf8' as const };
    const { stdout } = await promisify(execFile)(file, parameters, options);
    return stdout;
  } catch (error) {
    const { code, signal, stdout, stderr } = error as {
      code?: string | number | null;
      signal?: string | null;
      stdout?: string;
      stderr?: string;
    };
    throw new ProgramFailure(file, code ?? signal ?? 'unknown', `${stdout ?? ''}${stderr ?? ''}`);
  }
}
