import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { packageRoot } from '../../db/package-root.js';
import { binariesFolder, type ServerUser, serverUser } from './postgres-binaries.js';

/** A real PostgreSQL for one test file: nothing of it is safe from a crash, and nothing is left of it afterwards. */
export interface TemporaryPostgres {
  /** Address of a database (default `postgres`) as the superuser `postgres`, by TCP on 127.0.0.1 with SCRAM. */
  adminUrl(database?: string): string;
  readonly port: number;
  /** Ends the server at once and removes its files. */
  stop(): Promise<void>;
}

/** A free port can be taken between the look and the start. */
const startAttempts = 5;
const startTimeoutMs = 60_000;

const settings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  // It would go through hundreds of databases of tests, several a second.
  autovacuum: 'off',
  shared_buffers: '64MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Messages of the server in English and no time zone of the machine. */
const environment = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' };

/** Makes a cluster in a new folder below the system's temporary folder and starts it; takes about a second. */
export async function startTemporaryPostgres(): Promise<TemporaryPostgres> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce();
    } catch (error) {
      if (attempt === startAttempts) throw error;
    }
  }
}

/**
 * Starts a server and a standby of the same system, which can be promoted. It follows nobody: what is written to the
 * first does not reach it.
 */
export async function startTemporaryPair(): Promise<readonly [TemporaryPostgres, TemporaryPostgres]> {
  const user = serverUser();
  const [first, second] = [newFolder(user), newFolder(user)];
  const password = randomBytes(16).toString('hex');
  await initialize(await binariesFolder(user, first), first, user, password);
  cpSync(join(first, 'data'), join(second, 'data'), { recursive: true });
  writeFileSync(join(second, 'data', 'standby.signal'), '');
  if (user.uid !== undefined) await promisify(execFile)('chown', ['-R', `${user.uid}:${user.gid}`, second]);
  return Promise.all([serve(user, first, password), serve(user, second, password)]);
}

async function startOnce(): Promise<TemporaryPostgres> {
  const user = serverUser();
  const folder = newFolder(user);
  const password = randomBytes(16).toString('hex');
  await initialize(await binariesFolder(user, folder), folder, user, password);
  return serve(user, folder, password);
}

function newFolder(user: ServerUser): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}

async function serve(user: ServerUser, folder: string, password: string): Promise<TemporaryPostgres> {
  const port = await freePort();
  const guard = await start(await binariesFolder(user, folder), folder, user, port);
  return {
    port,
    adminUrl: (database = 'postgres') => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`,
    stop: () => stop(guard),
  };
}

async function initialize(binaries: string, folder: string, user: ServerUser, password: string): Promise<void> {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user.uid !== undefined && user.gid !== undefined) chownSync(passwordFile, user.uid, user.gid);
  const initdb = join(binaries, 'initdb');
  const { stdout } = await promisify(execFile)(initdb, ['--version'], { ...user, env: environment });
  const major = Number(/\d+/.exec(stdout)?.[0]);
  const locale = major >= 17 ? ['--locale-provider=builtin', '--locale=C.UTF-8'] : ['--locale=C'];
  const options = ['-D', join(folder, 'data'), '-U', 'postgres', '--pwfile', passwordFile, '-A', 'scram-sha-256'];
  await promisify(execFile)(initdb, [...options, '-E', 'UTF8', '--no-sync', '--no-instructions', ...locale], {
    ...user,
    env: environment,
  });
}

async function start(binaries: string, folder: string, user: ServerUser, port: number): Promise<ChildProcess> {
  const data = join(folder, 'data');
  const args = ['-D', data, '-p', String(port), ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])];
  const request = { command: join(binaries, 'postgres'), args, options: { ...user, env: environment }, folder };
  const guardFile = join(packageRoot, 'tests', 'support', 'postgres-guard.mjs');
  const guard = spawn(process.execPath, [guardFile, JSON.stringify(request)], { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaint = '';
  guard.stderr?.on('data', (chunk) => {
    complaint += chunk;
  });
  const deadline = Date.now() + startTimeoutMs;
  while (!isReady(data)) {
    if (guard.exitCode !== null || Date.now() > deadline) {
      guard.kill();
      throw new Error(`PostgreSQL did not start: ${complaint}`);
    }
    await delay(10);
  }
  return guard;
}

/** The eighth line of `postmaster.pid` tells the state (PostgreSQL, `miscadmin.h`, LOCK_FILE_LINE_PM_STATUS). */
function isReady(data: string): boolean {
  try {
    return /^(ready|standby)/.test(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[7] ?? '');
  } catch {
    return false;
  }
}

async function stop(guard: ChildProcess): Promise<void> {
  if (guard.exitCode !== null) return;
  const exited = new Promise((resolve) => guard.once('exit', resolve));
  guard.stdin?.end();
  await exited;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
