import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { childEnvironment } from '../../server/configuration.js';

/** A contender that serves. */
export interface RunningContender {
  readonly url: string;
  readonly pid: number;
  /** The process itself, for what only one command needs of it. */
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

/** How to start a contender: a module that is told its configuration by IPC and answers with its address. */
export interface ContenderStart {
  readonly name: string;
  readonly module: string;
  readonly configuration: unknown;
  /** File that standard output and standard error go to. */
  readonly logFile: string;
  /** Another Node than ours. */
  readonly node?: string;
  /** Arguments of Node. */
  readonly nodeArguments?: readonly string[];
  /** How messages travel: `advanced` between equal versions of Node, for configurations that hold buffers. */
  readonly serialization: 'advanced' | 'json';
}

const stopPatienceMs = 8_000;
const startPatienceMs = 60_000;

/**
 * Starts a contender in a process of its own, in production mode.
 * @throws Error with its reason, or the end of its log
 */
export async function startContender(start: ContenderStart): Promise<RunningContender> {
  const log = openSync(start.logFile, 'w');
  const child = fork(start.module, [], {
    env: { ...childEnvironment(), GRAPHILE_ENV: 'production' },
    execArgv: [...(start.nodeArguments ?? [])],
    serialization: start.serialization,
    stdio: ['ignore', log, log, 'ipc'],
    ...(start.node === undefined ? {} : { execPath: start.node }),
  });
  closeSync(log);
  child.send({ type: 'start', configuration: start.configuration });
  const answer = await Promise.race([
    delay(
      startPatienceMs,
      { type: 'failed', url: undefined, reason: `it did not answer in ${startPatienceMs / 1000} s` },
      { ref: false },
    ),
    once(child, 'message').then(([message]) => message as { type: string; url?: string; reason?: string }),
    once(child, 'exit').then(([code]) => ({ type: 'failed', url: undefined, reason: `it ended with status ${code}` })),
  ]);
  if (answer.type !== 'ready' || answer.url === undefined) {
    const tail = readFileSync(start.logFile, 'utf8').slice(-2000);
    child.kill('SIGKILL');
    throw new Error(`${start.name} could not be started: ${answer.reason}\n${tail}(see ${start.logFile})`);
  }
  return { url: answer.url, pid: child.pid ?? 0, child, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), stopPatienceMs);
  await ended;
  clearTimeout(late);
}
