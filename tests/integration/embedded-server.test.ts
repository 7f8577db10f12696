import { spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';
import type { EmbeddedServer } from '../../db/embedded/embedded-server.js';
import { lockHome } from '../../db/embedded/lock-home.js';
import { readPostmasterFile } from '../../db/embedded/postmaster-file.js';
import { processExists, processRuns } from '../../db/embedded/process-identity.js';
import { startEmbeddedServer } from '../../db/embedded/start-embedded-server.js';
import { until } from '../support/bulkhead-process.js';

const settings = { shared_buffers: '16MB', fsync: 'off' };
let home: string;
let dataDirectory = '';
let server: EmbeddedServer | undefined;
let lines: string[] = [];

async function start(more: Record<string, string> = {}): Promise<EmbeddedServer> {
  const log = (line: string) => lines.push(line);
  server = await startEmbeddedServer({ home, settings: { ...settings, ...more }, log });
  dataDirectory = server.dataDirectory;
  return server;
}

async function query(running: EmbeddedServer, text: string): Promise<unknown[]> {
  const sql = postgres(running.adminUrl('postgres'), { max: 1, fetch_types: false });
  try {
    return (await sql.unsafe(text).values()).flat();
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** What remains when the process that started PostgreSQL is killed: a running server and a lock of a dead pid. */
function forget(running: EmbeddedServer): void {
  expect(processRuns(running.pid)).toBe(true);
  writeFileSync(join(home, 'bulkhead.pid'), '4194303\n1\n');
  server = undefined;
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'bulkhead-embedded-'));
  await start();
  expect(server?.fresh).toBe(true);
});

beforeEach(() => {
  lines = [];
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

afterAll(() => {
  const leftover = readPostmasterFile(dataDirectory)?.pid ?? 0;
  if (processRuns(leftover)) process.kill(leftover, 'SIGQUIT');
  rmSync(dataDirectory, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
});

describe('startEmbeddedServer', () => {
  it('makes a cluster that only the holder of the password reaches, on 127.0.0.1 only', async () => {
    const running = server!;
    const [checksums, provider, listen, socket, hidden] = await query(
      running,
      `select current_setting('data_checksums'), (select datlocprovider::text || ' ' || datlocale from pg_database
         where datname = 'postgres'), current_setting('listen_addresses'), current_setting('unix_socket_directories'),
         current_setting('log_min_error_statement')`,
    );
    expect([checksums, provider, listen, socket, hidden]).toEqual(['on', 'b C.UTF-8', '127.0.0.1', '', 'panic']);
    expect(statSync(join(home, 'postgres.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, 'postgres')).ino).toBe(statSync(dataDirectory).ino);

    const stranger = postgres(running.adminUrl('postgres'), { password: 'wrong', max: 1, fetch_types: false });
    await expect(stranger`select 1`).rejects.toMatchObject({ code: '28P01' });
    await stranger.end({ timeout: 1 });
    await query(running, 'create table kept as select 42 as answer');
  });

  it('keeps data and port over a stop', async () => {
    const first = await start();
    const exits: string[] = [];
    first.onExit((reason) => exits.push(reason));
    await first.stop();
    expect(processExists(first.pid)).toBe(false);
    expect(existsSync(join(home, 'bulkhead.pid'))).toBe(false);

    const second = await start();
    expect(second.fresh).toBe(false);
    expect(second.port).toBe(first.port);
    expect(await query(second, 'select answer from kept')).toEqual([42]);
    expect(exits).toEqual([]);
  });

  it('keeps values of refused statements out of the log', async () => {
    const running = await start();
    await query(running, 'create table once (code text primary key)');
    const sql = postgres(running.adminUrl('postgres'), { max: 1, fetch_types: false });
    await sql`insert into once values (${'hidden-parameter'})`;
    await expect(sql`insert into once values (${'hidden-parameter'})`).rejects.toMatchObject({ code: '23505' });
    await expect(sql.unsafe(`create role r password 'hidden-literal' nonsense`)).rejects.toMatchObject({
      code: '42601',
    });
    await sql.end({ timeout: 1 });
    await running.stop();
    const log = readFileSync(join(home, 'postgres.log'), 'utf8');
    expect(log).toContain('duplicate key value');
    expect(log).not.toMatch(/hidden-(parameter|literal)/);
  });

  it('tells of a killed PostgreSQL and starts it again', async () => {
    const first = await start();
    const reasons: string[] = [];
    first.onExit((reason) => reasons.push(reason));
    const busy = postgres(first.adminUrl('postgres'), { max: 1, fetch_types: false });
    const [backend] = await busy<{ pid: number }[]>`select pg_backend_pid() as pid`;
    // Computes for longer than any test, and so does not notice that its postmaster is gone.
    const long = busy`select count(*) from generate_series(1, 100000) a, generate_series(1, 10000000) b`.catch(
      () => {},
    );
    const running = `select count(*)::int from pg_stat_activity where state = 'active' and pid = ${backend!.pid}`;
    await until('the query to run', async () => ((await query(first, running))[0] === 1 ? true : undefined));
    process.kill(first.pid, 'SIGKILL');
    await until('word of the end', () => (reasons.length > 0 ? true : undefined));
    expect(reasons).toEqual([`PostgreSQL (pid ${first.pid}) was ended by SIGKILL`]);
    await first.stop();

    const starting = start();
    const waiting = 'Waiting for processes of the PostgreSQL that was killed to end';
    await until('the start to wait', () => (lines.includes(waiting) ? true : undefined));
    process.kill(backend!.pid, 'SIGKILL');
    const second = await starting;
    expect(await query(second, 'select answer from kept')).toEqual([42]);
    await long;
    await busy.end({ timeout: 1 });
  });

  it('takes over the PostgreSQL of a killed process, sees it end, and can stop it', async () => {
    const first = await start();
    forget(first);
    const adopted = await start();
    expect(adopted.pid).toBe(first.pid);
    expect(await query(adopted, 'select answer from kept')).toEqual([42]);

    const reasons: string[] = [];
    adopted.onExit((reason) => reasons.push(reason));
    process.kill(adopted.pid, 'SIGKILL');
    await until('word of the end', () => (reasons.length > 0 ? true : undefined));
    await adopted.stop();

    const third = await start();
    forget(third);
    const again = await start();
    expect(again.pid).toBe(third.pid);
    await again.stop();
    expect(processRuns(third.pid)).toBe(false);
  });

  it('replaces the PostgreSQL of a killed process when the settings are other ones', async () => {
    const first = await start();
    forget(first);
    const second = await start({ work_mem: '5MB' });
    expect(second.pid).not.toBe(first.pid);
    expect(await query(second, 'show work_mem')).toEqual(['5MB']);
  });

  it('starts although the pid of a crashed PostgreSQL is that of another program by now', async () => {
    const first = await start();
    await first.stop();
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    writeFileSync(
      join(dataDirectory, 'postmaster.pid'),
      `${other.pid}\n${dataDirectory}\n1\n${first.port}\n\n127.0.0.1\n`,
    );
    const second = await start();
    expect(processRuns(other.pid!)).toBe(true);
    other.kill('SIGKILL');
    expect(await query(second, 'select answer from kept')).toEqual([42]);
  });

  it('moves to a free port when its own is taken, and stays there', async () => {
    const first = await start();
    await first.stop();
    const thief: Server = createServer();
    await new Promise<void>((resolve) => thief.listen(first.port, '127.0.0.1', resolve));
    const second = await start();
    expect(second.port).not.toBe(first.port);
    await second.stop();
    await new Promise((resolve) => thief.close(resolve));
    expect((await start()).port).toBe(second.port);
  });

  it('refuses a second start on the same home and names the first', async () => {
    await start();
    const message = new RegExp(`already running on ${home}, pid ${process.pid}`);
    await expect(startEmbeddedServer({ home })).rejects.toThrow(message);
    expect(await query(server!, 'select answer from kept')).toEqual([42]);
  });

  it('refuses the data of another major version and leaves it alone', async () => {
    const file = join(dataDirectory, 'PG_VERSION');
    const own = readFileSync(file, 'utf8');
    writeFileSync(file, '17\n');
    await expect(start()).rejects.toThrow(/made by PostgreSQL 17.*Set PG_BIN/);
    writeFileSync(file, own);
    expect(existsSync(join(home, 'bulkhead.pid'))).toBe(false);
  });

  it('says what PostgreSQL said when it does not start, and gives the lock back', async () => {
    await expect(start({ wal_level: 'nonsense' })).rejects.toThrow(
      /A setting .* is wrong[\s\S]*invalid value for parameter/,
    );
    await expect(start({ port: '5432' })).rejects.toThrow(/setting port: Bulkhead sets it/);
    lockHome(home).release();
  });

  it('refuses a PG_BIN without PostgreSQL and a home that is none', async () => {
    await expect(startEmbeddedServer({ home, binDirectory: home })).rejects.toThrow(/PG_BIN names a directory/);
    const file = join(home, 'file');
    writeFileSync(file, '');
    await expect(startEmbeddedServer({ home: join(file, 'home') })).rejects.toThrow(
      /home directory .* cannot be written/,
    );
    // Where Node's own way to make a directory with its parents never ends.
    if (existsSync('/proc/self')) {
      await expect(startEmbeddedServer({ home: '/proc/none/home' })).rejects.toThrow(/cannot be written \(ENOENT\)/);
    }
  });

  it('refuses to begin anew when the data of the home is gone', async () => {
    const other = join(home, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'postgres.json'), '{}');
    await expect(startEmbeddedServer({ home: other })).rejects.toThrow(/but it is not there/);
  });
});

describe('lockHome', () => {
  it('replaces the lock of a dead process, and of a pid that another process has by now', () => {
    const recycled = existsSync('/proc/self/stat') ? [`${process.pid}\n1\n`] : [];
    for (const leftover of ['4194303\n1\n', ...recycled]) {
      writeFileSync(join(home, 'bulkhead.pid'), leftover);
      const lock = lockHome(home);
      expect(() => lockHome(home)).toThrow(/already running/);
      lock.release();
      lock.release();
      expect(lstatSync(join(home, 'bulkhead.pid'), { throwIfNoEntry: false })).toBeUndefined();
    }
  });
});
