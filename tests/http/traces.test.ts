import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Gateway } from '../../server/gateway.js';
import { until } from '../support/bulkhead-process.js';
import { graphqlClient } from '../support/graphql-client.js';
import { importOutside } from '../support/outside-jest.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';
import { answering, startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

/** A span in the JSON of OTLP. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly links?: readonly { readonly traceId: string }[];
}

const canary = 'canary7c1f';
let deployment: TestDeployment;
let collector: WebhookReceiver;
let gateway: Gateway | undefined;

beforeAll(async () => {
  deployment = await startTestDeployment();
  collector = await startWebhookReceiver();
  collector.answer = answering(200);
});
afterAll(async () => {
  await gateway?.close();
  await collector.close();
  await deployment.stop();
});

const factsOf = ({ attributes }: Span) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

it('what a request and a job did is sent to a collector, and nothing of an organization with it', async () => {
  // Beside the worker, of which it records the spans too.
  const { startGateway } = await importOutside<typeof import('../../server/gateway.js')>('server/gateway.js');
  gateway = await startGateway({
    ...deployment.gatewayConfiguration,
    logLevel: 'silent',
    tracing: { endpoint: collector.url(''), headers: { authorization: 'Bearer collector' }, ratio: 1 },
  });
  const organization = await deployment.createOrganization(`Acme ${canary}`);
  const key = organization.client.key ?? '';
  const client = graphqlClient(gateway.url, key);
  await client.ok(
    `mutation ${canary} ($input: CreateMetricInput!) { ${canary}: createMetric(input: $input) { metric { id } } }`,
    { input: { name: canary, dataType: 'DOUBLE', defaultAggregation: 'LAST' } },
  );
  await client.ok('{ organization { name } }');
  const proxied = { 'x-forwarded-for': '203.0.113.9', traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01` };
  await client.send('{ me { name } }', {}, proxied);
  const { traceparent } = proxied;
  await client.send(`{ me { name } thing(id: "${canary}") { id } }`, {}, { traceparent });
  // The telemetry database of the organization is made by a job, which may take a while.
  await until('a job', () => (collector.received.some(({ body }) => body.includes('"name":"job"')) ? true : undefined));
  // What is recorded is sent at the latest when the gateway ends.
  await gateway.close();
  gateway = undefined;

  const bodies = collector.received.map(({ body }) => body).join('\n');
  expect(collector.received.map(({ path, headers }) => [path, headers['authorization']])).toContainEqual([
    '/v1/traces',
    'Bearer collector',
  ]);
  for (const secret of [canary, key, organization.orgId]) expect(bodies).not.toContain(secret);

  const spans: Span[] = collector.received.flatMap(({ body }) =>
    JSON.parse(body).resourceSpans.flatMap(({ scopeSpans }: { scopeSpans: { spans: Span[] }[] }) =>
      scopeSpans.flatMap((scope) => scope.spans),
    ),
  );
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const pathOf = (span: Span): string => {
    const parent = byId.get(span.parentSpanId ?? '');
    return parent === undefined ? span.name : `${pathOf(parent)} > ${span.name}`;
  };
  const paths = new Set(spans.map(pathOf));
  for (const path of [
    'request > authentication',
    'request > operation > transaction',
    'request > operation > planned read > transaction',
    'job > transaction',
  ]) {
    expect([...paths]).toContain(path);
  }
  const operation = spans.find((span) => factsOf(span)['graphql.fields'] === 'createMetric');
  expect(factsOf(operation!)).toMatchObject({ 'graphql.operation.type': 'mutation' });
  const transaction = spans.find(
    ({ name, parentSpanId }) => name === 'transaction' && parentSpanId === operation?.spanId,
  );
  expect(Number(factsOf(transaction!)['statements'])).toBeGreaterThan(3);
  const request = byId.get(operation?.parentSpanId ?? '');
  expect(factsOf(request!)).toMatchObject({
    'http.request.method': 'POST',
    'http.route': '/graphql',
    'request.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  // Only what comes by a proxy that is trusted says to which trace it belongs.
  expect(spans.flatMap(({ links = [] }) => links.map(({ traceId }) => traceId))).toEqual(['ab'.repeat(16)]);
});
