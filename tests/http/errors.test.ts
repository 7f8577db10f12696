import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';
import { generateKey } from '../../auth/api-keys/key-format.js';
import type { ErrorCode } from '../../errors/error-codes.js';
import type { GraphqlClient } from '../support/graphql-client.js';
import { operatorClient } from '../support/operator-client.js';
import { documentRequest, expectError, type RawAnswer, rawRequest } from '../support/raw-request.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

let deployment: TestDeployment;
let organization: TestOrganization;
let client: GraphqlClient;

beforeAll(async () => {
  deployment = await startTestDeployment();
  organization = await deployment.createOrganization('Errors');
  ({ client } = organization);
});
afterAll(() => deployment.stop());

const ask = (query: string, variables: unknown = {}, key: string | undefined = client.key): Promise<RawAnswer> =>
  rawRequest(deployment.gateway.url, documentRequest(key, query, variables));

describe('without a valid key', () => {
  const documents = [
    '{ __typename }',
    '{ __schema { types { name } } }',
    '{ me { keyId } }',
    '{ nothing }',
    '{ not a document',
    'mutation { deleteSite(input: { id: "x" }) { id } }',
  ];
  const flipped = (key: string) => key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
  const keys: readonly (readonly [
    name: string,
    headers: () => Record<string, string> | Promise<Record<string, string>>,
  ])[] = [
    ['no key', () => ({})],
    ['an empty key', () => ({ 'x-api-key': '' })],
    ['no key but a text', () => ({ 'x-api-key': 'secret' })],
    ['a wrong checksum', () => ({ 'x-api-key': flipped(client.key!) })],
    ['a key that nobody made', () => ({ 'x-api-key': generateKey('ADMIN', 'test').text })],
    ['a key of another environment', () => ({ 'x-api-key': generateKey('ADMIN', 'live').text })],
    ['an operator’s key', async () => ({ 'x-api-key': (await operatorClient(deployment)).key! })],
    ['basic credentials', () => ({ authorization: `Basic ${Buffer.from(`${client.key}:`).toString('base64')}` })],
    [
      'two different keys',
      () => ({ 'x-api-key': client.key!, authorization: `Bearer ${generateKey('ADMIN', 'test').text}` }),
    ],
    ['a key twice in one header', () => ({ 'x-api-key': `${client.key}, ${client.key}` })],
  ];

  it.each(keys)('%s learns nothing of any document', async (_name, makeHeaders) => {
    const headers = await makeHeaders();
    const bodies = [...documents.map((query) => JSON.stringify({ query })), '{"query', '', '[]'];
    const answers = await Promise.all(bodies.map((body) => rawRequest(deployment.gateway.url, { body, headers })));
    for (const answer of answers) {
      expectError(answer, 'UNAUTHENTICATED');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="bulkhead"');
    }
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it('nor what the address, the method or the media type would be answered', async () => {
    const { url } = deployment.gateway;
    expectError(await rawRequest(url, { method: 'PUT', body: '{}' }), 'UNAUTHENTICATED');
    expectError(
      await rawRequest(url, { body: 'x', headers: { 'content-type': 'text/plain; charset=utf-7' } }),
      'UNAUTHENTICATED',
    );
    expectError(await rawRequest(url, { body: ' '.repeat(2 * 1024 * 1024) }), 'UNAUTHENTICATED');
  });

  it('takes no key from the address', async () => {
    const address = (name: string) => `/graphql?query=%7B__typename%7D&${name}=${client.key}`;
    for (const name of ['key', 'apiKey', 'api_key', 'x-api-key', 'X-Api-Key', 'access_token', 'token']) {
      expectError(await rawRequest(deployment.gateway.url, { method: 'GET', path: address(name) }), 'UNAUTHENTICATED');
    }
    expect(deployment.logLines.join('')).not.toContain(client.key);
  });

  it('takes the key as bearer token, also beside the same key', async () => {
    const authorization = `Bearer ${client.key}`;
    for (const headers of [{ authorization }, { authorization, 'x-api-key': client.key! }]) {
      const answer = await rawRequest(deployment.gateway.url, { headers, body: '{"query":"{ __typename }"}' });
      expect([answer.status, answer.text.trim()]).toEqual([200, '{"data":{"__typename":"Query"}}']);
    }
  });

  it('says of a key at a wrong address only that', async () => {
    const bound = await organization.createKey({ scopes: ['read THING/#/#'], allowedCidrs: ['192.0.2.0/24'] });
    expectError(await ask('{ nothing', {}, bound.text), 'ADDRESS_NOT_ALLOWED');
  });
});

describe('the status of an answer', () => {
  let reader: string;
  beforeAll(async () => {
    reader = (await organization.createKey({ scopes: ['read PLACE/Site/#'] })).text;
  });

  const statuses: readonly (readonly [name: string, document: string, status: number, codes: readonly ErrorCode[]])[] =
    [
      ['not found', '{ site(id: "x") { id } }', 404, ['NOT_FOUND']],
      ['twice not found', '{ a: site(id: "x") { id } b: site(id: "y") { id } }', 404, ['NOT_FOUND', 'NOT_FOUND']],
      ['forbidden', '{ things(first: 1) { totalCount } }', 403, ['FORBIDDEN']],
      ['a forbidden mutation', 'mutation { deleteSite(input: { id: "x" }) { id } }', 403, ['FORBIDDEN']],
      ['invalid', '{ sites(first: 0) { totalCount } }', 422, ['BAD_USER_INPUT']],
      ['some found', '{ site(id: "x") { id } sites(first: 1) { totalCount } }', 200, ['NOT_FOUND']],
      [
        'failed differently',
        '{ site(id: "x") { id } things(first: 1) { totalCount } }',
        200,
        ['FORBIDDEN', 'NOT_FOUND'],
      ],
      ['a syntax error', '{', 400, ['GRAPHQL_PARSE_FAILED']],
      ['an invalid document', '{ nothing }', 400, ['GRAPHQL_VALIDATION_FAILED']],
      [
        'a subscription on a condition',
        'subscription ($a: Boolean!) { ...Root } fragment Root on Subscription { deletions @skip(if: $a) { id } }',
        400,
        ['GRAPHQL_VALIDATION_FAILED'],
      ],
    ];
  it.each(statuses)('%s', async (_name, document, status, codes) => {
    const answer = await ask(document, {}, reader);
    const { errors } = JSON.parse(answer.text);
    expect([
      answer.status,
      errors.map((error: { extensions: { code: string } }) => error.extensions.code).sort(),
    ]).toEqual([status, codes]);
  });

  it('409 for a conflict, with the field', async () => {
    const create = `mutation { createMetric(input: { name: "taken", dataType: INT, defaultAggregation: LAST }) { id } }`;
    await client.ok(create);
    expectError(await ask(create), 'CONFLICT');
  });

  it('200 where a relation alone is forbidden, with its path', async () => {
    const { createSite } = await client.ok(
      'mutation { createSite(input: { name: "Seen", latitude: 0, longitude: 0, address: "" }) { id } }',
    );
    const answer = await ask(
      'query ($id: ID!) { site(id: $id) { name things(first: 1) { totalCount } } }',
      createSite,
      reader,
    );
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({
      data: { site: { name: 'Seen', things: null } },
      errors: [{ path: ['site', 'things'], extensions: { code: 'FORBIDDEN' } }],
    });
  });

  it('names each of several refused fields', async () => {
    const document = 'mutation ($input: CreateSiteInput!) { createSite(input: $input) { id } }';
    const answer = await ask(document, { input: { name: 1, latitude: 'north', longitude: 0 } });
    expectError(answer, 'BAD_USER_INPUT');
    const { extensions } = JSON.parse(answer.text).errors[0];
    expect(extensions.field).toBe('input.name');
    expect(extensions.problem.errors.map(({ field }: { field: string }) => field)).toEqual([
      'input.name',
      'input.latitude',
      'input',
    ]);
  });
});

describe('values are never repeated', () => {
  const secret = 'sk_live_51HxQ2eZvKYlo2C';
  const put = (value: string) =>
    `mutation { putSecret(input: { integrationId: "x", name: "token", value: ${value} }) { name } }`;
  const document = 'mutation ($input: PutSecretInput!) { putSecret(input: $input) { name } }';
  const typed = (type: string, use: string) => `query ($v: ${type}) { ${use} }`;
  const requests: readonly (readonly [name: string, query: string, variables?: unknown])[] = [
    ['a list for a text', document, { input: { integrationId: 'x', name: 'token', value: [secret] } }],
    ['an object for a text', document, { input: { integrationId: 'x', name: 'token', value: { value: secret } } }],
    ['a text for an object', document, { input: secret }],
    ['an unknown field', document, { input: { integrationId: 'x', name: 'token', value: 'a', password: secret } }],
    ['a name of an unknown field', document, { input: { integrationId: 'x', name: 'token', value: 'a', [secret]: 1 } }],
    ['a wrong number', typed('Int!', 'sites(first: $v) { totalCount }'), { v: secret }],
    ['a wrong enum', typed('Lifecycle!', 'metricDefinitions(first: 1, lifecycle: $v) { totalCount }'), { v: secret }],
    [
      'a wrong moment',
      typed('DateTime', 'auditEvents(first: 1, filter: { from: $v }) { nodes { id } }'),
      { v: secret },
    ],
    ['a wrong boolean', typed('Boolean!', 'me @skip(if: $v) { name }'), { v: secret }],
    [
      'a wrong JSON object',
      'mutation ($v: JSONObject) { createFleet(input: { name: "x", attributes: $v }) { id } }',
      { v: secret },
    ],
    ['a wrong name of a secret', put('"a"').replace('"token"', `"${secret}!"`)],
    ['an id of an integration', put(`"${secret}"`).replace('"x"', `"${secret}"`)],
    ['a number as literal', `{ sites(first: "${secret}") { totalCount } }`],
    ['an enum as literal', `{ metricDefinitions(first: 1, lifecycle: ${secret}) { totalCount } }`],
    ['an enum as text', `{ metricDefinitions(first: 1, lifecycle: "${secret}") { totalCount } }`],
    ['a moment as literal', `{ auditEvents(first: 1, filter: { from: "${secret}" }) { nodes { id } } }`],
    ['a bare word for a text', put(secret)],
    ['a list for a text as literal', put(`["${secret}"]`)],
    ['an object for a text as literal', put(`{ value: "${secret}" }`)],
    ['an unknown field as literal', put(`"a", password: "${secret}"`)],
    ['an unknown argument', `{ me(key: "${secret}") { name } }`],
    ['a name of an argument', `{ me(${secret}: 1) { name } }`],
    ['a name of a field', `{ ${secret} }`],
    ['a name of a type', `{ me { ... on ${secret} { name } } }`],
    ['a name of a fragment', `{ ...${secret} }`],
    ['a name of a directive', `{ me @${secret} { name } }`],
    ['a name of a variable', `{ sites(first: $${secret}) { totalCount } }`],
    ['a text where there must be a name', `{ "${secret}" }`],
    ['a text after the document', `{ me { name } } "${secret}"`],
    ['a word alone', secret],
    ['an unfinished text', `{ me(a: "${secret}`],
    ['a bad escape', `{ me(a: "\\u{${secret}}") }`],
    ['an id', `{ site(id: "${secret}") { id } }`],
    ['an id of a definition', `{ metricDefinition(id: "mdef_${secret}") { id } }`],
    ['a cursor', `{ sites(first: 1, after: "${secret}") { totalCount } }`],
    ['a cursor of the audit log', `{ auditEvents(first: 1, after: "${secret}") { nodes { id } } }`],
    [
      'a scope',
      `mutation { createApiKey(input: { name: "x", type: ADMIN, scopes: [{ action: READ, resourceFilter: "${secret}" }] }) { id } }`,
    ],
    [
      'an address',
      `mutation { createApiKey(input: { name: "x", type: ADMIN, scopes: [{ action: READ, resourceFilter: "*" }], allowedCidrs: ["${secret}"] }) { id } }`,
    ],
    ['a colour', `mutation { updateOrganization(input: { primaryColor: "${secret}" }) { organization { id } } }`],
    ['a web address', `mutation { updateOrganization(input: { logoUrl: "${secret}" }) { organization { id } } }`],
    [
      'a time zone',
      `{ thing(id: "x") { timeseries(start: "${secret}", end: "2026-01-01T00:00:00Z") { metricName } } }`,
    ],
  ];

  it.each(requests)('%s', async (_name, query, variables = {}) => {
    const answer = await ask(query, variables);
    expect(JSON.parse(answer.text).errors.length).toBeGreaterThan(0);
    for (const part of [secret, secret.slice(0, 10), secret.slice(-10)]) expect(answer.text).not.toContain(part);
  });

  it('not in an operation name, not in bad JSON, not in the address, not in a header', async () => {
    const { url } = deployment.gateway;
    const { key } = client;
    const answers = [
      await rawRequest(url, { key, body: JSON.stringify({ query: 'query A { __typename }', operationName: secret }) }),
      await rawRequest(url, { key, body: `{"query":"{ __typename }","variables":{"a":"${secret}` }),
      await rawRequest(url, { key, body: `{"query":"{ __typename }","variables":"${secret}"}` }),
      await rawRequest(url, { key, method: 'GET', path: `/${secret}` }),
      await rawRequest(url, { key: secret, body: '{"query":"{ __typename }"}' }),
      await rawRequest(url, { key, body: '{}', headers: { 'content-type': `application/${secret}` } }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toContain(secret);
      for (const [, value] of answer.headers) expect(value).not.toContain(secret);
    }
  });

  it('nor in the log', () => expect(deployment.logLines.join('')).not.toContain(secret));

  it('but a misspelt name of the schema is', async () => {
    expect((await ask('{ sitees(first: 1) { totalCount } }')).text).toContain('Cannot query field \\"sitees\\"');
  });
});

describe('what was not foreseen', () => {
  const canary = 'CANARY5f2b';
  const document =
    'mutation ($name: String!) { createSite(input: { name: $name, latitude: 0, longitude: 0, address: "" }) { id } }';

  async function broken(statement: string, repair: string, work: () => Promise<RawAnswer>): Promise<RawAnswer> {
    const admin = postgres(deployment.adminUrl('operational'), { max: 1, onnotice: () => {} });
    try {
      await admin.unsafe(statement);
      return await work();
    } finally {
      await admin.unsafe(repair);
      await admin.end();
    }
  }

  const faults: readonly (readonly [name: string, statement: string, repair: string])[] = [
    [
      'a column that is gone',
      'alter table app.places rename column attributes to misplaced',
      'alter table app.places rename column misplaced to attributes',
    ],
    [
      'a grant that is gone',
      'revoke insert on app.places from bulkhead_gateway',
      'grant insert on app.places to bulkhead_gateway',
    ],
    [
      'a constraint that nobody knows',
      `alter table app.places add constraint unforeseen check (name not like '%CANARY%') not valid`,
      'alter table app.places drop constraint unforeseen',
    ],
  ];

  it.each(faults)('%s is masked, and in the log under the id of the request', async (_name, statement, repair) => {
    const answer = await broken(statement, repair, () => ask(document, { name: `Site ${canary}` }));
    expectError(answer, 'INTERNAL');
    expect(JSON.parse(answer.text).errors[0]).toMatchObject({
      message: 'Internal error',
      path: ['createSite'],
      extensions: { problem: { detail: 'Report the request id to the operator.' } },
    });
    expect(answer.text).not.toMatch(/places|misplaced|unforeseen|relation|permission|SQL|CANARY/i);
    const requestId = answer.headers.get('x-request-id');
    const lines = deployment.logLines.filter((line) => line.includes(requestId!)).map((line) => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 50, requestId, code: 'INTERNAL', field: 'createSite', msg: 'request failed' }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ level: 30, requestId, status: 500, msg: 'request' }));
    expect(deployment.logLines.join('')).not.toContain(canary);
  });

  it('leaves the gateway in order', async () => {
    expect((await ask(document, { name: 'After' })).status).toBe(200);
  });
});
