// Copies the primary into an empty data directory by the replication protocol, as pg_basebackup does, which npm does not
// bring: `copy-primary.mjs --connstring='…' --datadir=DIR`, called by Patroni. Writes no more than what BASE_BACKUP sends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { argv, env, exit } from 'node:process';
import postgres from 'postgres';

const options = Object.fromEntries(argv.slice(2).map((text) => text.slice(2).split(/=(.*)/s)));
const { host, port, user } = Object.fromEntries(
  [...options.connstring.matchAll(/(\w+)=('[^']*'|\S+)/g)].map(([, name, value]) => [name, value.replace(/'/g, '')]),
);
const [, , , , password] = readFileSync(env.PGPASSFILE, 'utf8').trim().split(':');

const sql = postgres({
  host,
  port: Number(port),
  user,
  password,
  max: 1,
  fetch_types: false,
  connection: { replication: 'true' },
});
const backup = await sql.unsafe(`BASE_BACKUP (CHECKPOINT 'fast', WAL true, MANIFEST 'no')`).simple().readable();
mkdirSync(options.datadir, { recursive: true, mode: 0o700 });
// The archive ends before the stream does: without --ignore-zeros tar would not wait for the rest.
const tar = spawn('tar', ['-x', '--ignore-zeros', '-C', options.datadir], { stdio: ['pipe', 'inherit', 'inherit'] });
const ended = once(tar, 'exit');
// Each message begins with its kind: n a new archive, d data of it, p progress, m a manifest. A loop over the stream would
// get several messages as one.
backup.on('data', (message) => {
  if (message[0] !== 0x64 || tar.stdin.write(message.subarray(1))) return;
  backup.pause();
  tar.stdin.once('drain', () => backup.resume());
});
await once(backup, 'end');
tar.stdin.end();
const [status] = await ended;
await sql.end({ timeout: 1 });
exit(status ?? 1);
