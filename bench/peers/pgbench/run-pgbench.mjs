import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pgbenchScript, scripts } from './scripts.mjs';

/** Runs one script of a scenario until as many transactions were made, or for as long; answers as the load generator does. */
export async function runPgbench({ pgbench, operationalUrl, greatest }, { operation, connections, until, seed }) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-pgbench-'));
  try {
    const script = join(folder, 'script.sql');
    writeFileSync(script, pgbenchScript(scripts[operation], greatest));
    const { hostname, port, username, password, pathname } = new URL(operationalUrl);
    const length =
      'requests' in until
        ? ['--transactions', Math.ceil(until.requests / connections)]
        : ['--time', Math.max(1, Math.ceil(until.seconds))];
    const child = spawn(
      pgbench,
      [
        '--no-vacuum',
        ...['--protocol', 'prepared', '--client', connections, ...length, '--random-seed', seed, '--file', script],
        ...['--log', '--log-prefix', join(folder, 'log'), '--host', hostname, '--port', port, '--username', username],
        pathname.slice(1),
      ].map(String),
      { env: { ...process.env, PGPASSWORD: password, PGOPTIONS: '-c plan_cache_mode=force_generic_plan' } },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const [status] = await once(child, 'close');
    const rate = Number(/^tps = ([\d.]+)/m.exec(output)?.[1]);
    if (status !== 0 || !(rate > 0)) throw new Error(`pgbench ended with status ${status}: ${output.slice(-1000)}`);
    const latencies = readdirSync(folder)
      .filter((name) => name.startsWith('log'))
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
      .map((line) => Number(line.split(' ')[2]) / 1000);
    return {
      requests: latencies.length,
      seconds: latencies.length / rate,
      // pgbench does not count them.
      bytes: 0,
      failures: 0,
      latenciesMs: { [operation.split('/')[1]]: latencies },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
