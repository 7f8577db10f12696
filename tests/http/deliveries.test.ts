import { fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';
import { Webhook } from 'standardwebhooks';
import { systemIdentity } from '../../auth/identity.js';
import { packageRoot } from '../../db/package-root.js';
import { withOrg } from '../../db/with-org.js';
import { enqueueDelivery } from '../../domain/integration/enqueue-delivery.js';
import { until } from '../support/bulkhead-process.js';
import { type DnsStub, startDnsStub } from '../support/dns-stub.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';
import { answering, startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

/*
 * Events on their way to third parties: over HTTP as users ask for them, and to a receiver on this machine, which the
 * deployment allows as an operator would.
 */
const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
const secret = newSecret();

let deployment: TestDeployment;
let admin: postgres.Sql;
let organization: TestOrganization;
let receiver: WebhookReceiver;
let dns: DnsStub;

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  dns = await startDnsStub();
  deployment = await startTestDeployment({ egress: { networks: ['127.0.0.0/8'], dnsServers: [dns.server] } });
  admin = postgres(deployment.adminUrl('operational'), { max: 1, onnotice: () => {} });
  organization = await deployment.createOrganization('Sender');
});
afterEach(() => {
  receiver.answer = answering(204);
  receiver.received.length = 0;
});
afterAll(async () => {
  await admin?.end();
  await deployment?.stop();
  await receiver?.close();
  await dns?.close();
});

const change = async (client: TestOrganization['client'], name: string, input: object, select: string) => {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const data = await client.ok(`mutation ($input: ${type}!) { ${name}(input: $input) { ${select} } }`, { input });
  return data[name];
};

const createHook = async (properties: object = {}, of = organization): Promise<string> => {
  const { id } = await change(
    of.client,
    'createIntegration',
    { name: 'Hook', direction: 'EGRESS', type: 'WEBHOOK', properties: { url: [receiver.url()], ...properties } },
    'id',
  );
  await change(of.client, 'putSecret', { integrationId: id, name: 'signingSecret', value: secret }, 'version');
  return id;
};

const fields = `id eventType isTest status attempts httpStatus failure nextAttemptAt lastAttemptAt finishedAt createdBy`;
const testSend = async (id: string, client = organization.client) =>
  (await change(client, 'testSend', { id }, `delivery { ${fields} }`)).delivery;

const log = async (id: string, of = organization) => {
  const data = await of.client.ok(
    `query ($id: ID!) { integration(id: $id) { isEnabled deliveries(first: 100) { nodes { ${fields} } } } }`,
    { id },
  );
  return data.integration;
};

const logged = (id: string, deliveryId: string, status: string, of = organization) =>
  until(`a delivery to be ${status}`, async () => {
    const { deliveries } = await log(id, of);
    // biome-ignore lint/suspicious/noExplicitAny: an answer
    return deliveries.nodes.find((node: any) => node.id === deliveryId && node.status === status);
  });

/** Puts an event on its way as monitors do. */
const send = (integrationId: string, payload: unknown = { level: 3 }, of = organization) =>
  withOrg(deployment.operational, systemIdentity(of.orgId, 'test', randomUUID()), 'write', (tx) =>
    enqueueDelivery(tx, { integrationId, eventType: 'alert.tripped', payload }),
  );

const makeDue = (id: string) => admin`update app.deliveries set due_at = now() where id = ${id}`;

describe('a delivery', () => {
  it('is signed as Standard Webhooks says, and in the log without what was sent or answered', async () => {
    const id = await createHook();
    receiver.answer = (response) => void response.writeHead(200).end('canary-of-the-answer');
    const delivery = await testSend(id);
    expect(delivery).toMatchObject({
      eventType: 'bulkhead.test',
      isTest: true,
      status: 'DELIVERED',
      attempts: 1,
      httpStatus: 200,
      failure: null,
      nextAttemptAt: null,
    });
    const [webhook] = receiver.received;
    expect(webhook?.headers['webhook-id']).toBe(delivery.id);
    expect(webhook?.headers['content-type']).toBe('application/json');
    const event = new Webhook(secret).verify(webhook!.body, webhook!.headers as Record<string, string>);
    expect(event).toMatchObject({ type: 'bulkhead.test', data: { integrationId: id } });
    expect(() => new Webhook(newSecret()).verify(webhook!.body, webhook!.headers as Record<string, string>)).toThrow();
    expect((await log(id)).deliveries.nodes).toEqual([delivery]);
    expect(JSON.stringify(await log(id))).not.toContain('canary');
  });

  it('is signed with the former secret too while there is one', async () => {
    const id = await createHook();
    const former = newSecret();
    const input = { integrationId: id, name: 'formerSigningSecret', value: former };
    await change(organization.client, 'putSecret', input, 'version');
    await testSend(id);
    const { body, headers } = receiver.received[0]!;
    for (const each of [secret, former]) new Webhook(each).verify(body, headers as Record<string, string>);
    expect(String(headers['webhook-signature']).split(' ')).toHaveLength(2);
  });

  it('has the fields that the payload property names', async () => {
    const id = await createHook({
      payload: ['text=/data/alert/name', 'channel="ops"', 'none=/data/x/y', 'kind=/type'],
    });
    await logged(id, await send(id, { alert: { name: 'too hot' } }), 'DELIVERED');
    expect(JSON.parse(receiver.received[0]!.body)).toEqual({
      text: 'too hot',
      channel: 'ops',
      none: null,
      kind: 'alert.tripped',
    });
  });

  it('fails visibly without a secret, and is tried again after one was put', async () => {
    const { id } = await change(
      organization.client,
      'createIntegration',
      { name: 'Hook', direction: 'EGRESS', type: 'WEBHOOK', properties: { url: [receiver.url()] } },
      'id',
    );
    expect(await testSend(id)).toMatchObject({ status: 'FAILED', failure: 'SECRET_MISSING', httpStatus: null });
    const delivery = await send(id);
    await until('an attempt', async () => ((await log(id)).deliveries.nodes[0].attempts === 1 ? true : undefined));
    await change(organization.client, 'putSecret', { integrationId: id, name: 'signingSecret', value: secret }, 'name');
    await makeDue(delivery);
    expect(await logged(id, delivery, 'DELIVERED')).toMatchObject({ attempts: 2, failure: null });
  });
});

describe('attempts', () => {
  it('follow the schedule with the same id, and end after the tenth', async () => {
    const id = await createHook();
    receiver.answer = answering(500);
    const delivery = await send(id);
    const seconds = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
    for (const [index, delay] of seconds.entries()) {
      const { nextAttemptAt, lastAttemptAt, ...node } = await until(`attempt ${index + 1}`, async () => {
        const [first] = (await log(id)).deliveries.nodes;
        return first.attempts === index + 1 ? first : undefined;
      });
      expect(node).toMatchObject({ status: 'PENDING', failure: 'STATUS', httpStatus: 500 });
      const waits = (Date.parse(nextAttemptAt) - Date.parse(lastAttemptAt)) / 1000;
      expect(waits).toBeGreaterThanOrEqual(delay);
      expect(waits).toBeLessThanOrEqual(delay * 1.1);
      await makeDue(delivery);
    }
    expect(await logged(id, delivery, 'FAILED')).toMatchObject({ attempts: 10, nextAttemptAt: null });
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual(Array(10).fill(delivery));
    const [row] = await admin`select body from app.deliveries where id = ${delivery}`;
    expect(row?.['body']).toBeNull();
  });

  it('do not follow redirections', async () => {
    const id = await createHook();
    receiver.answer = answering(302, { location: receiver.url('/elsewhere') });
    expect(await testSend(id)).toMatchObject({ status: 'FAILED', failure: 'REDIRECTED', httpStatus: 302 });
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  });

  it('end when the answer would switch protocols', async () => {
    const id = await createHook();
    receiver.answer = (response) => {
      const lines = ['HTTP/1.1 101 Switching Protocols', 'connection: upgrade', 'upgrade: websocket', '', ''];
      response.socket?.write(lines.join('\r\n'));
    };
    expect(await testSend(id)).toMatchObject({ status: 'FAILED', attempts: 1, failure: 'STATUS', httpStatus: 101 });
  });

  it('are not made for an organization that is being deleted', async () => {
    const gone = await deployment.createOrganization('Gone');
    const [id, other] = [await createHook({ url: [receiver.url('/gone')] }, gone), await createHook()];
    await deployment.stopWorker();
    await send(id, {}, gone);
    await admin`
      insert into platform.deletions (org_id, requested_by_type, requested_by_id, database_name)
      select org_id, 'SYSTEM', 'test', database_name from platform.telemetry_databases where org_id = ${gone.orgId}`;
    await deployment.startWorker();
    await logged(other, await send(other), 'DELIVERED');
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  });

  it('read at most 64 KiB of an answer', async () => {
    const id = await createHook();
    receiver.answer = (response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      };
      response.on('drain', more);
      response.on('error', () => {});
      more();
    };
    expect(await testSend(id)).toMatchObject({ status: 'DELIVERED', httpStatus: 200 });
  });

  it('end with 410, which disables the integration and is in the audit log', async () => {
    const id = await createHook();
    receiver.answer = answering(410);
    expect(await testSend(id)).toMatchObject({ status: 'FAILED', failure: 'GONE', httpStatus: 410 });
    expect((await log(id)).isEnabled).toBe(false);
    const { auditEvents } = await organization.client.ok(
      `{ auditEvents(first: 1, filter: { action: "setIntegrationEnabled" }) { nodes { actorId outcome change resourcePath } } }`,
    );
    expect(auditEvents.nodes[0]).toMatchObject({ actorId: 'integrations', outcome: 'SUCCEEDED' });
    expect(auditEvents.nodes[0].resourcePath).toBe(`INTEGRATION/EGRESS/WEBHOOK/${id}`);
  });

  it('are not made while the integration is disabled', async () => {
    const id = await createHook();
    receiver.answer = answering(500);
    const waiting = await send(id);
    await until('an attempt', async () => ((await log(id)).deliveries.nodes[0].attempts === 1 ? true : undefined));
    await change(organization.client, 'setIntegrationEnabled', { id, isEnabled: false }, 'integration { isEnabled }');
    await makeDue(waiting);
    expect(await logged(id, waiting, 'FAILED')).toMatchObject({ attempts: 1, failure: 'INTEGRATION_DISABLED' });
    expect(await testSend(id)).toMatchObject({ attempts: 0, status: 'FAILED', failure: 'INTEGRATION_DISABLED' });
    expect(receiver.received).toHaveLength(1);
    await change(organization.client, 'setIntegrationEnabled', { id, isEnabled: true }, 'integration { isEnabled }');
    receiver.answer = answering(200);
    expect(await testSend(id)).toMatchObject({ status: 'DELIVERED' });
  });

  it('of one organization do not hold up those of another', async () => {
    const other = await deployment.createOrganization('Other');
    const [stuck, sound] = [await createHook({ url: [receiver.url('/stuck')] }), await createHook({}, other)];
    const open: (() => void)[] = [];
    receiver.answer = (response, { path }) => {
      if (path === '/stuck') open.push(() => response.writeHead(204).end());
      else response.writeHead(204).end();
    };
    const stuckIds = [];
    for (let count = 0; count < 12; count += 1) stuckIds.push(await send(stuck));
    await until('requests without an answer', () => (open.length === 4 ? true : undefined));
    await logged(sound, await send(sound, 1, other), 'DELIVERED', other);
    // No more than four of an integration at a time, and still none of them answered.
    expect(open).toHaveLength(4);
    receiver.answer = answering(204);
    for (const finish of open) finish();
    for (const id of stuckIds) await logged(stuck, id, 'DELIVERED');
  });

  it('survive a worker that is killed in the middle of one', async () => {
    const id = await createHook();
    await deployment.stopWorker();
    const child = fork(join(packageRoot, 'dist', 'server', 'worker-process.js'), [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.send({ type: 'start', configuration: deployment.workerConfiguration });
    receiver.answer = () => {};
    const delivery = await send(id);
    await until('the attempt', () => (receiver.received.length === 1 ? true : undefined));
    child.kill('SIGKILL');
    await once(child, 'exit');
    receiver.answer = answering(204);
    await deployment.startWorker();
    expect((await log(id)).deliveries.nodes[0]).toMatchObject({ status: 'PENDING', attempts: 0 });
    // The lease of the killed worker runs out after a minute: the clock is set forward instead.
    await admin`update platform.integration_work set leased_until = now() where id = ${delivery}`;
    expect(await logged(id, delivery, 'DELIVERED')).toMatchObject({ attempts: 1 });
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([delivery, delivery]);
  });
});

describe('bounds', () => {
  it('refuse a payload of 20,000 bytes, and more than 1,000 waiting deliveries of an organization, visibly', async () => {
    const other = await deployment.createOrganization('Bounded');
    const id = await createHook({ url: [receiver.url('/stuck')] }, other);
    await logged(id, await send(id, 'x'.repeat(20_000), other), 'FAILED', other);
    await admin`
      insert into app.deliveries (org_id, id, type, integration_id, event_type, status, body, due_at, created_by)
      select ${other.orgId}, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'WEBHOOK', ${id}, 'x', 'PENDING', '{}',
             now() + interval '1 day', 'test'
      from generate_series(1, 1000) n`;
    const refused = await logged(id, await send(id, 1, other), 'FAILED', other);
    expect(refused).toMatchObject({ failure: 'QUEUE_FULL', attempts: 0 });
    await admin`delete from app.deliveries where org_id = ${other.orgId} and due_at > now()`;
    await logged(id, await send(id, 1, other), 'DELIVERED', other);
  });
});

describe('the way out', () => {
  const named = async (name: string) => {
    const id = await createHook({ url: [`https://${name}/hook`] });
    return testSend(id);
  };

  it('goes to the address that was checked, looked up once', async () => {
    const id = await createHook({ url: [`http://receiver.example:${receiver.port}/hook`] });
    dns.asked.length = 0;
    // A name that leads elsewhere when it is asked for once more.
    dns.answer = () => (dns.asked.length === 1 ? ['127.0.0.1'] : ['10.0.0.1']);
    expect(await testSend(id)).toMatchObject({ status: 'DELIVERED' });
    expect(dns.asked).toEqual(['receiver.example']);
    expect(receiver.received[0]?.headers.host).toBe(`receiver.example:${receiver.port}`);
    // Rebound between two deliveries.
    expect(await testSend(id)).toMatchObject({ status: 'FAILED', failure: 'ADDRESS_REFUSED', httpStatus: null });
    expect(receiver.received).toHaveLength(1);
  });

  it.each([
    ['a private address', ['10.0.0.1']],
    ['the address of cloud metadata', ['169.254.169.254']],
    ['a shared address', ['100.64.0.1']],
    ['a private address beside a public one', ['93.184.215.14', '192.168.1.1']],
  ])('is closed where a name leads to %s', async (_what, addresses) => {
    dns.answer = () => addresses;
    expect(await named('inside.example')).toMatchObject({ status: 'FAILED', failure: 'ADDRESS_REFUSED' });
  });

  it('says when a name leads nowhere', async () => {
    dns.answer = () => [];
    expect(await named('nowhere.example')).toMatchObject({ status: 'FAILED', failure: 'NAME_NOT_RESOLVED' });
  });

  it('needs TLS where it is not allowed otherwise, also on 127.0.0.1', async () => {
    const id = await createHook({ url: ['https://127.0.0.1:8443/hook'] });
    expect(await testSend(id)).toMatchObject({ status: 'FAILED', failure: 'CONNECTION_FAILED' });
  });
});

describe('secrets', () => {
  it('of deliveries are in no answer, log, audit row or row of the operational database', async () => {
    const canary = randomBytes(32);
    const value = `whsec_${canary.toString('base64')}`;
    const { id } = await change(
      organization.client,
      'createIntegration',
      { name: 'Hook', direction: 'EGRESS', type: 'WEBHOOK', properties: { url: [receiver.url()] } },
      'id',
    );
    const answers = [
      await organization.client.send(`mutation ($input: PutSecretInput!) { putSecret(input: $input) { version } }`, {
        input: { integrationId: id, name: 'signingSecret', value },
      }),
      await organization.client.send(`mutation { testSend(input: { id: "${id}" }) { delivery { ${fields} } } }`),
      await organization.client.send(
        `{ integration(id: "${id}") { name properties secrets { name version } deliveries(first: 5) { nodes { ${fields} } } } }`,
      ),
      await organization.client.send(
        `mutation ($input: RotateSecretInput!) { rotateSecret(input: $input) { version } }`,
        { input: { integrationId: id, name: 'signingSecret', value: `${value.slice(0, -8)}!` } },
      ),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 422]);
    expect(receiver.received).toHaveLength(1);
    const rows = await admin`
      select jsonb_agg(to_jsonb(d))::text as text from app.deliveries d union all
      select jsonb_agg(to_jsonb(e))::text from audit.entries e union all
      select jsonb_agg(to_jsonb(i))::text from app.integrations i`;
    const searched = [
      ...answers.map(({ text }) => text),
      ...deployment.logLines,
      ...rows.map((row) => String(row['text'])),
      JSON.stringify(receiver.received),
    ].join('\n');
    for (const form of [value.slice(6), value.slice(6, 30), canary.toString('hex'), canary.toString('base64url')]) {
      expect(searched).not.toContain(form);
    }
    expect(searched).toContain(id);
  });
});
