// What an operator does on an empty machine, and what a user sees then. Prints {installSeconds, …} as JSON.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const bulkhead = '/opt/bulkhead';
const [home, given] = ['/srv/bulkhead', '/mnt/given'];
const expected = JSON.parse(readFileSync(`${given}/expected.json`, 'utf8'));
const seconds = (fromMs) => Number(((performance.now() - fromMs) / 1000).toFixed(1));

for (const path of ['/root', '/var', home, expected.formerHome]) {
  if (existsSync(path)) throw new Error(`${path} is there: this machine is not empty`);
}
const restoring = performance.now();
const command = ['bulkhead', 'restore', '--into', home, '--to', expected.to, '--json'];
const places = ['--repository', `${given}/backups`, '--key-ring', `${given}/keys`, '--ledger', `${given}/ledger`];
const printed = execFileSync('npx', [...command, ...places], {
  cwd: bulkhead,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 2],
});
const restored = JSON.parse(printed);
const restoreSeconds = seconds(restoring);

const starting = performance.now();
const server = spawn('npm', ['start'], {
  cwd: bulkhead,
  env: { ...process.env, BULKHEAD_HOME: home, PORT: '4000' },
  stdio: ['ignore', 'pipe', 2],
});
await new Promise((resolve, reject) => {
  let said = '';
  server.stdout.on('data', (chunk) => {
    said += chunk;
    if (said.includes('Ctrl-C stops it')) resolve();
  });
  server.once('exit', () => reject(new Error(`Bulkhead did not start: ${said}`)));
});
const ask = async (key, query) => {
  const answer = await fetch('http://127.0.0.1:4000/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Api-Key': key },
    body: JSON.stringify({ query }),
  });
  return await answer.json();
};
const things = await ask(expected.apiKey, '{ things(first: 100) { totalCount nodes { id latest { at value } } } }');
const startSeconds = seconds(starting);
const revoked = await ask(expected.revokedKey, '{ me { orgId } }');

const { readServerRecord } = await import(`${bulkhead}/dist/db/embedded/server-record.js`);
const { withAdministrator } = await import(`${bulkhead}/dist/db/administrator.js`);
const { user, password, port } = readServerRecord(home);
const url = `postgres://${user}:${password}@127.0.0.1:${port}/postgres`;
const [{ rows }] = await withAdministrator(
  url,
  'bulkhead',
  (sql) => sql`select count(*)::int as rows from public.readings`,
);
server.kill('SIGTERM');

const result = {
  user: process.getuid(),
  files: readdirSync('/').sort(),
  installSeconds: Number(readFileSync('/tmp/install-ms', 'utf8')) / 1000,
  restoreSeconds,
  startSeconds,
  bytes: restored.bytes,
  walFiles: restored.walFiles,
  rowsMissing: expected.rows - rows,
  thingsMissing: expected.things - things.data.things.totalCount,
  readingsThere: things.data.things.nodes.some(({ latest }) => latest.length > 0),
  keysRevokedByLedger: restored.ledger.keysRevoked,
  revokedKeyAnswer: revoked.errors?.[0]?.extensions?.code ?? 'none',
};
process.stdout.write(`${JSON.stringify(result)}\n`);
// The process ids here end with this one.
process.exit(0);
