// The test of failover, in the way of Jepsen: clients send mutations through two gateways and write down what they are
// told, while primaries are killed; afterwards every mutation is looked for. Run by `deploy/patroni/test`.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../db/connect.js';
import { addressFor } from '../../db/server-hosts.js';
import { freePort, runBulkhead, startBulkheadProcess, temporaryHome } from '../../tests/support/bulkhead-process.js';
import { graphqlClient } from '../../tests/support/graphql-client.js';
import { keepResult, killNode, leader, startNode, untilComplete } from './nodes.js';
import { Writers } from './writers.js';

/** Milliseconds without an acknowledgement at most. */
const maxOutageMs = 15_000;
const rounds = 3;

const say = (text: string) => writeSync(2, `${text}\n`);
const databaseUrl = process.env['DATABASE_URL'] ?? '';
const { home, remove } = temporaryHome();
const settings = { BULKHEAD_HOME: home, DATABASE_URL: databaseUrl, PORT: String(await freePort()), LOG_LEVEL: 'warn' };

say('Bulkhead starts on the cluster');
const first = await startBulkheadProcess(settings);
const read = (file: string) => JSON.parse(readFileSync(join(home, file), 'utf8')) as Record<string, string>;
const passwords = read('roles.json');
const urlOf = (role: string, database: string) => addressFor(databaseUrl, `${role}:${passwords[role]}`, database);
const second = await startBulkheadProcess({
  GATEWAY_DATABASE_URL: urlOf('bulkhead_gateway', 'bulkhead'),
  VAULT_DATABASE_URL: urlOf('bulkhead_vault_writer', 'bulkhead_vault'),
  CONTEXT_KEY_FILE: join(home, 'keys', 'context.key'),
  TELEMETRY_KEY_FILE: join(home, 'keys', 'telemetry.key'),
  BULKHEAD_DEPLOYMENT_ID: read('deployment.json')['deploymentId'] ?? '',
  BULKHEAD_HOME: join(home, 'apart'),
  PORT: String(await freePort()),
  LOG_LEVEL: 'warn',
});
const { stdout } = await runBulkhead(['org', 'create', 'Failover', '--json'], settings);
const { orgId, apiKey } = JSON.parse(stdout) as { orgId: string; apiKey: string };
const admin = () =>
  connect(addressFor(databaseUrl, databaseUrl.split('//')[1]?.split('@')[0] ?? '', 'bulkhead'), { max: 1 });
const unlimited = admin();
for (const tier of ['STANDARD', 'DATA_READ']) {
  await unlimited`insert into platform.rate_limits values (${orgId}, ${tier}, 1000000, 1000000)`;
}
await unlimited.end();
const client = graphqlClient(first.url, apiKey);
const { createMetric, createSite, createApiKey } = await client.ok(`mutation {
  createMetric(input: { name: "soc", dataType: DOUBLE, defaultAggregation: LAST }) { id }
  createSite(input: { name: "Depot", latitude: 52.5, longitude: 13.4, address: "Main Street 1" }) { site { id } }
  createApiKey(input: { name: "weak", type: EXTERNAL, scopes: [{ action: READ, resourceFilter: "THING/#/#" }] }) { secret }
}`);
const { createThingType } = await client.ok(
  'mutation ($id: ID!) { createThingType(input: { displayName: "Battery", metricIds: [$id] }) { id } }',
  { id: createMetric.id },
);
const place = { placeId: createSite.site.id, typeId: createThingType.id };
const { createThing } = await client.ok(
  'mutation ($input: CreateThingInput!) { createThing(input: $input) { thing { id } } }',
  { input: { ...place, name: 'Reporting' } },
);

const gateways = [first.url, second.url];
const writers = new Writers(
  { gateways, apiKey, weakKey: createApiKey.secret, ...place, thingId: createThing.thing.id },
  6,
);
const results = [];
for (let round = 1; round <= rounds; round += 1) {
  await untilComplete();
  await delay(3000);
  writers.takeLongestGapMs();
  const former = await leader();
  say(`node ${former} is the primary, and is killed`);
  killNode(former);
  const acknowledged = () => writers.sent.filter(({ outcome }) => outcome === 'acknowledged').length;
  const before = acknowledged();
  const began = performance.now();
  while (acknowledged() < before + 50) {
    if (performance.now() - began > 90_000) throw new Error('nothing was acknowledged for 90 s after the fault');
    await delay(100);
  }
  const outageMs = writers.takeLongestGapMs();
  const primary = await leader();
  await startNode(former);
  const rejoinedMs = await untilComplete();
  results.push({ former, primary, outageMs, rejoinedMs });
  say(`  outage ${outageMs} ms, node ${primary} is the primary, node ${former} is its standby after ${rejoinedMs} ms`);
}
await delay(3000);
await writers.stop();

say('every mutation is looked for');
const sql = admin();
const names = await sql<{ name: string; count: number }[]>`
  select name, count(*)::int as count from app.things where org_id = ${orgId} and name like 'op-%' group by name`;
const [placed] = await sql<{ database: string }[]>`
  select database_name as database from platform.telemetry_databases where org_id = ${orgId}`;
await sql.end();
const telemetry = connect(
  addressFor(databaseUrl, databaseUrl.split('//')[1]?.split('@')[0] ?? '', placed?.database ?? ''),
  { max: 1 },
);
const moments = await telemetry<{ ms: string }[]>`
  select distinct (extract(epoch from at) * 1000)::bigint::text as ms from telemetry.readings`;
const [server] = await telemetry<{ version: string }[]>`select current_setting('server_version') as version`;
await telemetry.end();
await Promise.all([first.end('SIGTERM'), second.end('SIGTERM')]);
remove();

const present = new Set([...names.map(({ name }) => name), ...moments.map(({ ms }) => ms)]);
const count = (outcome: string, isThere?: boolean) =>
  writers.sent.filter(
    (sent) => sent.outcome === outcome && (isThere ?? present.has(sent.mark)) === present.has(sent.mark),
  ).length;
const version = (program: string) => execFileSync(program, ['--version'], { encoding: 'utf8' }).trim().split('\n')[0];
const result = {
  at: new Date().toISOString(),
  versions: { node: process.version, postgresql: server?.version, patroni: version('patroni'), etcd: version('etcd') },
  rounds: results,
  mutations: {
    acknowledged: count('acknowledged'),
    acknowledgedAndLost: count('acknowledged', false),
    refused: count('refused'),
    refusedAndThere: count('refused', true),
    unknown: count('unknown'),
    unknownAndThere: count('unknown', true),
    twice: names.filter(({ count: times }) => times > 1).length,
  },
  answers: writers.codes,
  strange: writers.strangeCodes,
  unavailableWithoutRetry: writers.withoutRetry,
};
const text = `${JSON.stringify(result, null, 2)}\n`;
keepResult(text);
writeSync(1, text);
const { acknowledgedAndLost, refusedAndThere, refused, twice } = result.mutations;
const isKept = acknowledgedAndLost + refusedAndThere + twice + result.strange.length + writers.withoutRetry === 0;
const isShort = results.every(({ outageMs, former, primary }) => outageMs <= maxOutageMs && former !== primary);
process.exit(isKept && isShort && refused > 0 ? 0 : 1);
