import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { packageRoot } from '../../db/package-root.js';

/** What a command has printed, and how it ended. */
export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `bulkhead start` of a test. */
export interface BulkheadProcess {
  readonly child: ChildProcess;
  readonly url: string;
  stdout(): string;
  stderr(): string;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<CommandResult>;
}

/** Settings of a command, over a bare environment: nothing of ours is taken from the environment of the test. */
export type Settings = Readonly<Record<string, string>>;

const startTimeoutMs = 120_000;
/** Milliseconds that what a command has printed may be on its way after its end. */
const outputPatienceMs = 10_000;

/** Waits until a look answers something, at most two minutes. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await delay(25);
  }
}

/** Runs a command to its end. */
export async function runBulkhead(args: readonly string[], settings: Settings, input = ''): Promise<CommandResult> {
  return result(spawnBulkhead(args, settings, input));
}

/** Starts `bulkhead start` and waits until it says that it is ready. */
export async function startBulkheadProcess(settings: Settings): Promise<BulkheadProcess> {
  const run = spawnBulkhead(['start'], settings, '');
  const ended = result(run);
  const deadline = Date.now() + startTimeoutMs;
  while (!run.stdout().includes('Ctrl-C stops it')) {
    if (run.child.exitCode !== null || Date.now() > deadline) {
      run.child.kill('SIGKILL');
      throw new Error(`bulkhead did not start: ${run.stdout()}${run.stderr()}`);
    }
    await delay(25);
  }
  const url = /API +(\S+)\/graphql/.exec(run.stdout())?.[1] ?? '';
  return {
    ...run,
    url,
    end: (signal) => {
      run.child.kill(signal);
      return ended;
    },
  };
}

/** A command that runs. */
export interface Run {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
}

/** Starts a command. */
export function spawnBulkhead(args: readonly string[], settings: Settings, input: string): Run {
  const child = spawn(process.execPath, [join(packageRoot, 'cli', 'bulkhead.mjs'), ...args], {
    env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC', ...settings },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return { child, stdout: () => stdout, stderr: () => stderr };
}

function result(run: Run): Promise<CommandResult> {
  return new Promise((resolve) => {
    run.child.once('exit', (status) => {
      const settle = () => {
        clearTimeout(late);
        resolve({ status, stdout: run.stdout(), stderr: run.stderr() });
      };
      // What it has printed may still be on its way; a child that outlived its supervisor holds the pipes open.
      const late = setTimeout(settle, outputPatienceMs);
      run.child.once('close', settle);
    });
  });
}

/** Pids of the processes that a process has started and whose arguments contain a text (Linux: from /proc). */
export function childrenOf(pid: number, text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => {
      try {
        const stat = readFileSync(`/proc/${candidate}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return parent === pid && readFileSync(`/proc/${candidate}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });
}

/** A new home, and what removes it with all that it points to. */
export function temporaryHome(): { home: string; remove: () => void } {
  const home = mkdtempSync(join(tmpdir(), 'bulkhead-home-'));
  return {
    home,
    remove: () => {
      const cluster = join(home, 'postgres');
      if (existsSync(cluster)) {
        const data = realpathSync(cluster);
        for (const each of [data, `${data}-wal`]) rmSync(each, { recursive: true, force: true });
      }
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A port that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
