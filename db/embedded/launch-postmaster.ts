import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Postmaster } from './postmaster.js';
import { isReady, readPostmasterFile } from './postmaster-file.js';
import type { ServerUser } from './run-as.js';
import { programOptions } from './run-program.js';
import { logBytes, logTail } from './server-log.js';

/** What to start. */
export interface Launch {
  readonly program: string;
  readonly parameters: readonly string[];
  readonly user: ServerUser | undefined;
  readonly dataDirectory: string;
  /** Where its output goes; PostgreSQL outlives a crash of ours, so a pipe to us would not do. */
  readonly logFile: string;
  readonly log: (line: string) => void;
}

/** PostgreSQL ended before it was ready. */
export class LaunchFailure extends Error {
  /** The last lines, at most 20, that it wrote in this attempt. */
  readonly tail: string;

  constructor(reason: string, tail: string) {
    super(reason);
    this.name = 'LaunchFailure';
    this.tail = tail;
  }
}

const pollMs = 10;
const reportEveryMs = 10_000;

/**
 * Starts PostgreSQL in a session of its own, so that Ctrl-C in our terminal does not end it before we do, and waits until
 * it takes connections. Recovery after a crash may take minutes: there is no limit as long as it lives, but a line of log
 * every 10 s.
 * @throws LaunchFailure when it ends instead.
 */
export async function launchPostmaster(launch: Launch): Promise<Postmaster> {
  const logStart = logBytes(launch.logFile);
  const output = openSync(launch.logFile, 'a', 0o600);
  const options = { ...programOptions(launch.program, launch.user), detached: true };
  const child = spawn(launch.program, launch.parameters, { ...options, stdio: ['ignore', output, output] });
  closeSync(output);
  const pid = child.pid;
  if (pid === undefined) throw (await once(child, 'error'))[0];

  let ended: string | undefined;
  const gone = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = `PostgreSQL (pid ${pid}) ${signal === null ? `exited with status ${code}` : `was ended by ${signal}`}`;
      resolve(ended);
    });
  });
  const started = Date.now();
  let reports = 0;
  for (;;) {
    if (ended !== undefined) throw new LaunchFailure(ended, logTail(launch.logFile, logStart));
    const file = readPostmasterFile(launch.dataDirectory);
    if (file?.pid === pid && isReady(file)) break;
    const waitedMs = Date.now() - started;
    if (waitedMs > (reports + 1) * reportEveryMs) {
      reports += 1;
      launch.log(`PostgreSQL (pid ${pid}) is not ready after ${reports * 10} s: it recovers from an unclean stop`);
    }
    await delay(pollMs);
  }
  child.unref();
  return { pid, gone };
}
