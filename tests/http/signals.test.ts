import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import type { Alert } from '../../alerts/alert.js';
import type { AlertRule } from '../../alerts/alert-rule.js';
import { alertRules } from '../../alerts/alert-rules.js';
import { AlertWatch } from '../../alerts/alert-watch.js';
import { prometheusRules } from '../../alerts/prometheus-rules.js';
import { closeDatabase, type Database, openDatabase } from '../../db/database.js';
import { packageRoot } from '../../db/package-root.js';
import { setAlert } from '../../db/set-alert.js';
import { signingKey } from '../../integrations/webhooks/signing-key.js';
import { DeploymentMetrics } from '../../signals/deployment-metrics.js';
import { metricDefinitions } from '../../signals/metric-definitions.js';
import { until } from '../support/bulkhead-process.js';
import { type CuttableWay, openCuttableWay } from '../support/cuttable-way.js';
import { graphqlClient } from '../support/graphql-client.js';
import { operatorClient } from '../support/operator-client.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';
import { answering, startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const read = (...path: string[]) => readFileSync(join(packageRoot, ...path), 'utf8');

let deployment: TestDeployment;
let organization: TestOrganization;
let operatorKey: string;
let way: CuttableWay;
let database: Database;
let receiver: WebhookReceiver;
/** What the watch has kept, as in the file of home. */
let kept: readonly Alert[] = [];
let watch: AlertWatch | undefined;

beforeAll(async () => {
  deployment = await startTestDeployment({ reportEveryMs: 50 });
  organization = await deployment.createOrganization('Acme');
  operatorKey = (await operatorClient(deployment)).key ?? '';
  way = await openCuttableWay(deployment.cluster.port);
  database = openDatabase({
    url: way.through(deployment.urlOf('operational', 'bulkhead_worker')),
    contextKey: Buffer.from(deployment.cluster.contextKey, 'hex'),
    maxConnections: 1,
    applicationName: 'test',
  });
  receiver = await startWebhookReceiver();
});
afterEach(async () => {
  await watch?.close();
  watch = undefined;
  kept = [];
  receiver.received.length = 0;
  receiver.answer = answering(204);
});
afterAll(async () => {
  await closeDatabase(database);
  await way.cut();
  await receiver.close();
  await deployment.stop();
});

/** Rules of the product that fire at once, some with thresholds that a test reaches. */
function quick(thresholds: Readonly<Record<string, number>>): AlertRule[] {
  return alertRules
    .filter(({ name }) => name in thresholds)
    .map((rule) => ({ ...rule, forSeconds: 0, threshold: thresholds[rule.name] ?? rule.threshold }));
}

function startWatch(rules: readonly AlertRule[], remembered: readonly Alert[] = []): void {
  watch = new AlertWatch({
    rules,
    metrics: new DeploymentMetrics({
      database,
      directories: { home: packageRoot },
      expected: ['gateway', 'worker', 'backup'],
    }),
    database,
    receiver: { url: receiver.url('/alerts'), key: signingKey(secret)! },
    deployment: 'test',
    remembered,
    keep: (alerts) => {
      kept = structuredClone(alerts) as Alert[];
    },
    log: pino({ level: 'silent' }),
    everyMs: 30,
  });
}

/** What the receiver was told of one alert, in order. */
function told(name: string) {
  return receiver.received
    .flatMap(({ body }) => JSON.parse(body).alerts)
    .filter(({ labels }) => labels.alertname === name);
}

const toldOf = (name: string, status: string) =>
  until(`${name} ${status}`, () => told(name).find((alert) => alert.status === status));

async function scrape(): Promise<string> {
  const response = await fetch(`${deployment.gateway.url}/metrics`, {
    headers: { authorization: `Bearer ${operatorKey}` },
  });
  expect(response.status).toBe(200);
  return response.text();
}

const seriesValue = (text: string, series: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')[1],
  );

describe('the watch', () => {
  it('tells that PostgreSQL is down, once although it is started again, and that it is back', async () => {
    startWatch(quick({ DatabaseDown: 1 }));
    await way.cut();
    const down = await toldOf('DatabaseDown', 'firing');
    const [{ body, headers } = { body: '', headers: {} }] = receiver.received;
    expect(JSON.parse(body)).toMatchObject({ version: '4', status: 'firing', groupLabels: { deployment: 'test' } });
    expect(() => new Webhook(secret).verify(body, headers as Record<string, string>)).not.toThrow();
    expect(down).toMatchObject({
      labels: { severity: 'page' },
      annotations: { summary: 'PostgreSQL does not answer', evidence: '{"value":0,"process":"supervisor"}' },
      endsAt: '0001-01-01T00:00:00Z',
    });
    await until('it to be kept', () => (kept[0]?.told != null ? true : undefined));

    await watch?.close();
    startWatch(quick({ DatabaseDown: 1 }), kept);
    await way.mend();
    const back = await toldOf('DatabaseDown', 'resolved');
    expect(back.fingerprint).toBe(down.fingerprint);
    expect(back.startsAt).toBe(down.startsAt);
    expect(Date.parse(back.endsAt)).toBeGreaterThanOrEqual(Date.parse(back.startsAt));
    expect(told('DatabaseDown')).toHaveLength(2);
  });

  it('tells again what the receiver did not take', async () => {
    receiver.answer = answering(500);
    startWatch([]);
    await setAlert(database, {
      name: 'DrillFailed',
      isFiring: true,
      severity: 'ticket',
      summary: 'A file is damaged',
      evidence: { file: 'base/1' },
    });
    await until('two attempts', () => (told('DrillFailed').length >= 2 ? true : undefined));
    const [first, second] = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(second).toBe(first);
    receiver.answer = answering(204);
    await until('it to be told', () => (kept[0]?.told != null ? true : undefined));
    const attempts = told('DrillFailed').length;

    await setAlert(database, { ...kept[0]!, isFiring: false });
    await toldOf('DrillFailed', 'resolved');
    expect(told('DrillFailed')).toHaveLength(attempts + 1);
  });

  it('says where wrong keys and refused access came from', async () => {
    startWatch(quick({ WrongKeys: 5, AccessRefused: 5 }));
    const stranger = graphqlClient(deployment.gateway.url, `${organization.client.key}x`);
    const nobody = '00000000-0000-4000-8000-000000000000';
    for (let attempt = 0; attempt < 6; attempt += 1) {
      expect((await stranger.send('{ me { name } }', {}, { 'x-forwarded-for': '203.0.113.9' })).status).toBe(401);
      await organization.client.codes('mutation ($id: ID!) { deleteThing(input: { id: $id }) { id } }', {
        id: nobody,
      });
    }
    const wrong = await toldOf('WrongKeys', 'firing');
    expect(JSON.parse(wrong.annotations.evidence).wrongKeys).toContainEqual({ source: '203.0.113.9', count: 6 });
    const refused = await toldOf('AccessRefused', 'firing');
    expect(JSON.parse(refused.annotations.evidence).refusedAccess[0]).toMatchObject({ orgId: organization.orgId });
  });

  it('finds a worker that is gone, and what it leaves undone', async () => {
    startWatch(quick({ WorkerAbsent: 1, SealingBehind: 1 }));
    await deployment.stopWorker();
    await organization.client.codes('mutation { deleteThing(input: { id: "nothing" }) { id } }');
    await Promise.all([toldOf('WorkerAbsent', 'firing'), toldOf('SealingBehind', 'firing')]);
    await deployment.startWorker();
    // The worker seals at once, and then shows itself every 15 s only.
    await toldOf('SealingBehind', 'resolved');
  });
});

describe('/metrics', () => {
  it('shows every metric there is, of all processes, and moves with the load', async () => {
    startWatch([]);
    const names = Object.keys(metricDefinitions);
    const text = await until('all metrics', async () => {
      const seen = await scrape();
      return names.every((name) => seen.includes(`# TYPE ${name} `)) ? seen : undefined;
    });
    const shown = [...text.matchAll(/^# TYPE (bulkhead_\w+) /gm)].map(([, name = '']) => name);
    const own = shown.filter((name) => !/^bulkhead_(process|nodejs)_/.test(name) || names.includes(name));
    expect(own.sort()).toEqual([...names].sort());
    for (const process of ['gateway', 'worker', 'supervisor']) {
      expect(text).toMatch(new RegExp(`^bulkhead_process_resident_memory_bytes\\{process="${process}"\\} `, 'm'));
    }
    const series = 'bulkhead_request_seconds_count{kind="query",outcome="ok",process="gateway"}';
    const before = seriesValue(text, series) || 0;
    for (let count = 0; count < 3; count += 1) await organization.client.ok('{ me { name } }');
    expect(seriesValue(await scrape(), series)).toBe(before + 3);
    const line = deployment.logLines
      .map((each) => JSON.parse(each))
      .findLast(({ operation }) => operation === 'query me');
    expect(line).toMatchObject({ msg: 'request', orgId: organization.orgId, route: '/graphql', status: 200 });
    expect(seriesValue(text, 'bulkhead_audit_log_size{process="supervisor"}')).toBeGreaterThan(0);
    expect(text).not.toContain(organization.orgId);
  });

  it('is shown to nobody but operators', async () => {
    const { url } = deployment.gateway;
    const statusFor = async (headers: Record<string, string>) => (await fetch(`${url}/metrics`, { headers })).status;
    expect(await statusFor({})).toBe(401);
    expect(await statusFor({ 'x-api-key': organization.client.key ?? '' })).toBe(401);
    const elsewhere = { 'x-api-key': operatorKey, 'x-forwarded-for': '203.0.113.9' };
    expect(await statusFor(elsewhere)).toBe(404);
  });
});

describe('what is written down', () => {
  const page = read('docs', 'signals.md');
  const rowsOf = (heading: string) =>
    [...(page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)/gm)].map(([, name]) => name);

  it('docs/signals.md lists every metric and every alert', () => {
    expect(rowsOf('Metrics').sort()).toEqual(Object.keys(metricDefinitions).sort());
    expect(rowsOf('Alerts').sort()).toEqual(alertRules.map(({ name }) => name).sort());
  });

  it('Prometheus has the same rules, and the dashboard asks for metrics that exist', () => {
    expect(read('deploy', 'prometheus', 'alerts.yml')).toBe(prometheusRules());
    const asked = read('deploy', 'grafana', 'bulkhead.json').match(/bulkhead_[a-z0-9_]+/g) ?? [];
    expect(asked.length).toBeGreaterThan(20);
    const unknown = asked.filter((name) => {
      const base = name.replace(/_(bucket|sum|count)$/, '');
      return !(base in metricDefinitions) && !/^bulkhead_(process|nodejs)_/.test(name);
    });
    expect(unknown).toEqual([]);
  });
});
