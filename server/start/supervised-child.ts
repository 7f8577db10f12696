import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { packageRoot } from '../../db/package-root.js';
import { childEnvironment } from '../configuration.js';
import { restartDelayMs } from './back-off.js';
import { drainMs, type FromChild, type RotatedKeys, type ToChild } from './child-messages.js';

/** A child that has run for so long has started well: its next end is not the continuation of a series. */
const settledMs = 30_000;

/**
 * One child process that is kept running: when it ends, another is started after 0.2 s, then after twice as long each
 * time, up to 5 s. Its log lines go to our standard error.
 */
export class SupervisedChild<Configuration> {
  readonly #name: 'gateway' | 'worker' | 'backup';
  readonly #log: Logger;
  #configuration: Configuration;
  #process: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #attempts = 0;
  #isStopping = false;

  constructor(name: 'gateway' | 'worker' | 'backup', configuration: Configuration, log: Logger) {
    this.#name = name;
    this.#configuration = configuration;
    this.#log = log;
  }

  /**
   * Starts the first process and waits until it serves.
   * @returns its address, for a child that serves
   * @throws Error with the reason when it cannot start; it is not tried again then
   */
  async start(): Promise<string | undefined> {
    const child = this.#launch();
    try {
      const url = await firstAnswer(child);
      this.#keepRunning(child);
      return url;
    } catch (error) {
      this.#isStopping = true;
      throw error;
    }
  }

  /** Gives the next process another configuration. */
  setConfiguration(configuration: Configuration): void {
    this.#configuration = configuration;
  }

  /** Hands rotated keys to the present process; the next one has them by its configuration. */
  takeKeys(configuration: Configuration, keys: RotatedKeys): void {
    this.#configuration = configuration;
    const child = this.#process;
    if (child !== undefined && !hasEnded(child)) send(child, { type: 'keys', keys });
  }

  /** Ends the present process; the next one starts with this configuration. */
  restartWith(configuration: Configuration): void {
    this.#configuration = configuration;
    this.#process?.kill('SIGTERM');
  }

  /** Lets the child finish what is under way, at most 5 s, then ends it. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    const child = this.#process;
    if (child === undefined || hasEnded(child)) return;
    const ended = once(child, 'exit');
    send(child, { type: 'stop' });
    const late = setTimeout(() => child.kill('SIGKILL'), drainMs);
    await ended;
    clearTimeout(late);
  }

  /** Ends the child at once. */
  kill(): void {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    this.#process?.kill('SIGKILL');
  }

  #launch(): ChildProcess {
    const child = fork(join(packageRoot, 'dist', 'server', `${this.#name}-process.js`), [], {
      env: childEnvironment(),
      serialization: 'advanced',
      stdio: ['ignore', process.stderr.fd, process.stderr.fd, 'ipc'],
    });
    this.#process = child;
    child.on('error', () => {});
    send<Configuration>(child, { type: 'start', configuration: this.#configuration });
    return child;
  }

  #keepRunning(child: ChildProcess): void {
    const started = Date.now();
    if (hasEnded(child)) this.#startAgain(started, child.exitCode ?? child.signalCode);
    else child.once('exit', (code, signal) => this.#startAgain(started, code ?? signal));
    // Without a pid there was never a process, and none will exit.
    child.once('error', () => child.pid === undefined && this.#startAgain(started, 'not started'));
  }

  #startAgain(started: number, status: number | string | null): void {
    this.#process = undefined;
    if (this.#isStopping) return;
    this.#attempts = Date.now() - started > settledMs ? 1 : this.#attempts + 1;
    const delayMs = restartDelayMs(this.#attempts);
    this.#log.warn({ child: this.#name, status, delayMs }, 'a child process has ended and is started again');
    this.#restart = setTimeout(() => {
      const child = this.#launch();
      child.on('message', (message: FromChild) => this.#note(message));
      this.#keepRunning(child);
    }, delayMs);
  }

  #note(message: FromChild): void {
    if (message.type === 'ready') this.#log.info({ child: this.#name }, 'a child process serves again');
    else this.#log.error({ child: this.#name, reason: message.reason }, 'a child process could not start');
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** A child that has just ended cannot be told anything; that it has ended is noticed elsewhere. */
function send<Configuration>(child: ChildProcess, message: ToChild<Configuration>): void {
  child.send(message, () => {});
}

function firstAnswer(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`a child process ended with ${signal ?? `status ${code}`}`)));
    child.once('message', (message: FromChild) => {
      if (message.type === 'ready') resolve(message.url);
      else reject(new Error(message.reason));
    });
  });
}
