import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildClientSchema, getIntrospectionQuery } from 'graphql';
import type { ErrorCode } from '../../errors/error-codes.js';
import { httpBounds } from '../../server/http-server.js';
import { documentRequest, expectError, type RawRequest, rawRequest } from '../support/raw-request.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';

let deployment: TestDeployment;
let key: string;
let slow: Promise<{ text: string; ms: number }[]>;
/** What the sender of half a request hears of a gateway that stops. */
let heardOfStop: Promise<string>;

beforeAll(async () => {
  deployment = await startTestDeployment();
  key = (await deployment.createOrganization('Bounds')).client.key!;
  const head = `POST /graphql HTTP/1.1\r\nhost: test\r\nx-api-key: ${key}\r\ncontent-type: application/json\r\n`;
  const halfABody = `${head}content-length: 100000\r\n\r\n{`;
  const { url } = deployment.gateway;
  slow = Promise.all([dribble(url, head), dribble(url, halfABody)]);
  const stopping = await deployment.startGateway();
  const held = dribble(stopping.url, halfABody);
  heardOfStop = rawRequest(stopping.url, documentRequest(key, '{ me { keyId } }')).then(async () => {
    await stopping.close();
    return (await held).text;
  });
});
afterAll(() => deployment.stop());

/** What a socket hears that the other side has closed. */
const closed = new Set(['EPIPE', 'ECONNRESET']);

/** Sends a beginning, then one byte after another, until the server has had enough. */
function dribble(url: string, beginning: string): Promise<{ text: string; ms: number }> {
  const { hostname, port } = new URL(url);
  const start = performance.now();
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(beginning));
    const timer = setInterval(() => socket.writable && socket.write('x'), 200);
    socket.on('data', (data) => {
      text += data.toString('utf8');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (closed.has(String(error.code)) ? undefined : reject(error)));
    socket.on('close', () => {
      clearInterval(timer);
      resolve({ text, ms: performance.now() - start });
    });
  });
}

const send = (request: RawRequest) => rawRequest(deployment.gateway.url, { key, ...request });
const query = (document: string, variables: unknown = {}) => send(documentRequest(key, document, variables));
const repeat = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => item(i)).join(' ');

/** A document whose innermost field is this deep. */
function nested(depth: number): string {
  const steps = ['place', 'things(first: 1)', 'nodes'];
  const path = Array.from({ length: depth - 2 }, (_, index) => steps[index % 3]!);
  return `{ thing(id: "x") { ${path.map((step) => `${step} {`).join(' ')} __typename ${'}'.repeat(path.length)} } }`;
}

/** A document of this many tokens. */
function tokens(count: number): string {
  return `{ thing(id: "x") { latest(metricIds: [${repeat(count - 20, () => '"a"')}]) { value } } }`;
}

describe('documents within their bounds are run, one step beyond they are refused', () => {
  const pages = (inner: number) =>
    `{ sites(first: 100) { nodes { things(first: 100) { totalCount nodes { name } } levels(first: ${inner}) { nodes { name } } } } }`;
  const bounds: readonly (readonly [name: string, within: string, beyond: string, code: ErrorCode])[] = [
    ['depth 12', nested(12), nested(13), 'OPERATION_TOO_COMPLEX'],
    [
      'depth 12 through fragments',
      nested(12).replace('__typename', '... { ... { __typename } }'),
      nested(13).replace('__typename', '... { ... { __typename } }'),
      'OPERATION_TOO_COMPLEX',
    ],
    ['1,000 tokens', tokens(1000), tokens(1001), 'GRAPHQL_PARSE_FAILED'],
    [
      '15 aliases',
      `{ me { ${repeat(15, (i) => `a${i}: name`)} } }`,
      `{ me { ${repeat(16, (i) => `a${i}: name`)} } }`,
      'OPERATION_TOO_COMPLEX',
    ],
    [
      '15 aliases of __typename',
      `{ ${repeat(10, (i) => `a${i}: __typename`)} }`,
      `{ me { ${repeat(16, (i) => `a${i}: __typename`)} } }`,
      'OPERATION_TOO_COMPLEX',
    ],
    [
      '15 aliases in introspection',
      `{ __schema { ${repeat(15, (i) => `a${i}: queryType { name }`)} } }`,
      `{ __schema { ${repeat(16, (i) => `a${i}: queryType { name }`)} } }`,
      'OPERATION_TOO_COMPLEX',
    ],
    [
      '20 directives',
      `{ me { ${repeat(20, () => 'name @include(if: true)')} } }`,
      `{ me { ${repeat(21, () => 'name @include(if: true)')} } }`,
      'OPERATION_TOO_COMPLEX',
    ],
    [
      '10 root fields',
      `{ ${repeat(10, (i) => `a${i}: me { name }`)} }`,
      `{ ${repeat(11, (i) => `a${i}: me { name }`)} }`,
      'OPERATION_TOO_COMPLEX',
    ],
    ['20,000 nodes', pages(99), pages(100), 'OPERATION_TOO_COMPLEX'],
    [
      '20,000 events',
      '{ things(first: 19) { nodes { recentEvents(limit: 1000) { at } } } }',
      '{ things(first: 20) { nodes { recentEvents(limit: 1000) { at } } } }',
      'OPERATION_TOO_COMPLEX',
    ],
    [
      '5,000 selections after fragments are spread',
      `{ me { ${repeat(49, () => '...f')} } } fragment f on Me { ${repeat(100, () => 'name')} }`,
      `{ me { ${repeat(50, () => '...f')} } } fragment f on Me { ${repeat(100, () => 'name')} }`,
      'OPERATION_TOO_COMPLEX',
    ],
  ];

  it.each(bounds)('%s', async (_name, within, beyond, code) => {
    const answer = await query(within);
    if (![200, 404].includes(answer.status)) throw new Error(`refused within the bound: ${answer.text}`);
    expect(answer.text).not.toMatch(/TOO_COMPLEX|GRAPHQL_/);
    expectError(await query(beyond), code);
  });

  it('lets standard introspection pass', async () => {
    const answer = await query(getIntrospectionQuery());
    expect(answer.status).toBe(200);
    expect(buildClientSchema(JSON.parse(answer.text).data).getQueryType()?.name).toBe('Query');
  });
});

describe('hostile documents', () => {
  const documents: readonly (readonly [name: string, document: string, code: ErrorCode])[] = [
    [
      'a fragment bomb',
      `{ ...f0 } ${repeat(30, (i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`)} fragment f30 on Query { me { name } }`,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a cycle of fragments',
      '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a fragment that spreads itself',
      '{ ...a } fragment a on Query { me { name } ...a }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'introspection that multiplies itself',
      `{ __schema { types { ${'fields { type { '.repeat(10)} name ${'} }'.repeat(10)} } } }`,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a deep list in the document',
      `{ sites(first: ${'['.repeat(400)}1${']'.repeat(400)}) { totalCount } }`,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['3,000 levels', `${'{ me '.repeat(3000)}${'}'.repeat(3000)}`, 'GRAPHQL_PARSE_FAILED'],
    ['a syntax error', '{ me { name ', 'GRAPHQL_PARSE_FAILED'],
    ['a field that is not there', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['two operations without a name', 'query A { me { name } } query B { me { name } }', 'BAD_REQUEST'],
    ['a subscription', 'subscription { deletions { id } }', 'BAD_REQUEST'],
    ['no operation', 'fragment f on Me { name }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a null where there must be a value', '{ sites(first: null) { totalCount } }', 'GRAPHQL_VALIDATION_FAILED'],
  ];
  it.each(documents)('%s', async (_name, document, code) => expectError(await query(document), code));

  it('an operation name that is not there', async () => {
    const body = JSON.stringify({ query: 'query A { me { name } }', operationName: 'B' });
    expectError(await send({ body }), 'BAD_REQUEST');
  });
});

describe('hostile variables', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const createSite = (attributes: string) =>
    `{"query":"mutation($i: CreateSiteInput!) { createSite(input: $i) { id } }","variables":{"i":{"name":"x","latitude":1,"longitude":1,"address":"","attributes":${attributes}}}}`;
  const createType = (fields: string) =>
    `{"query":"mutation($i: CreateThingTypeInput!) { createThingType(input: $i) { id } }","variables":{"i":{"displayName":"x","metricIds":[],${fields}}}}`;
  const bodies: readonly (readonly [name: string, body: string, code: ErrorCode])[] = [
    ['attributes nested 200,000 deep', createSite(`{"a":${deep}}`), 'BAD_USER_INPUT'],
    ['JSON nested 200,000 deep', createType(`"modelMetadata":${deep}`), 'BAD_USER_INPUT'],
    ['a list nested 200,000 deep', createType(`"tags":${deep}`), 'BAD_USER_INPUT'],
    ['half a million wrong entries', createType(`"tags":[${'{},'.repeat(300_000)}{}]`), 'BAD_USER_INPUT'],
    ['half a million entries', createType(`"tags":[${'"",'.repeat(300_000)}""]`), 'BAD_USER_INPUT'],
    [
      '100,000 attributes',
      createSite(`{${Array.from({ length: 80_000 }, (_, i) => `"a${i}":1`).join(',')}}`),
      'BAD_USER_INPUT',
    ],
    ['a reserved name', createSite('{"__proto__":{"a":1}}'), 'BAD_REQUEST'],
    ['a reserved name of objects', createSite('{"constructor":{"prototype":{"a":1}}}'), 'BAD_REQUEST'],
    ['a number beyond all', createSite('{"a":1e999}'), 'BAD_USER_INPUT'],
    ['NUL', createSite('{"a":"\\u0000"}'), 'BAD_USER_INPUT'],
    ['half a character', createSite('{"a":"\\ud800"}'), 'BAD_USER_INPUT'],
  ];
  it.each(bodies)('%s', async (_name, body, code) => expectError(await send({ body }), code));

  it('absent, of a wrong type, and null for an argument that must not be', async () => {
    const document = 'query ($n: Int = 1) { sites(first: $n) { totalCount } }';
    expect((await query(document)).status).toBe(200);
    expectError(await query(document, { n: null }), 'BAD_USER_INPUT');
    expectError(await query(document, { n: 'one' }), 'BAD_USER_INPUT');
    expectError(await query('query ($n: Int!) { sites(first: $n) { totalCount } }'), 'BAD_USER_INPUT');
    expectError(await query('query ($b: Boolean = true) { me @skip(if: $b) { name } }', { b: null }), 'BAD_USER_INPUT');
    expectError(await query('query ($n: String = "Me") { __type(name: $n) { name } }', { n: null }), 'BAD_USER_INPUT');
  });
});

describe('HTTP', () => {
  const json = '{"query":"{ me { name } }"}';
  const mutation = encodeURIComponent('mutation { deleteSite(input: { id: "x" }) { id } }');
  const padded = (bytes: number) => json.replace('{ me', `{${' '.repeat(bytes - json.length)} me`);
  const requests: readonly (readonly [name: string, request: RawRequest, code: ErrorCode])[] = [
    ['a body over 1 MiB', { body: padded(httpBounds.bodyBytes + 1) }, 'PAYLOAD_TOO_LARGE'],
    ['bad JSON', { body: '{"query": "{ me' }, 'BAD_REQUEST'],
    ['JSON that is no object', { body: '5' }, 'BAD_REQUEST'],
    ['null', { body: 'null' }, 'BAD_REQUEST'],
    ['an empty object', { body: '{}' }, 'BAD_REQUEST'],
    ['an empty body', { body: '' }, 'BAD_REQUEST'],
    ['no body', {}, 'BAD_REQUEST'],
    ['a query that is no text', { body: '{"query":{"kind":"Document"}}' }, 'BAD_REQUEST'],
    ['variables that are no object', { body: '{"query":"{ me { name } }","variables":[1]}' }, 'BAD_REQUEST'],
    ['a batch', { body: `[${json}]` }, 'BAD_REQUEST'],
    ['a persisted query', { body: '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}' }, 'BAD_REQUEST'],
    ['plain text', { body: json, headers: { 'content-type': 'text/plain' } }, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'a form',
      { body: 'query=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['XML', { body: '<a/>', headers: { 'content-type': 'application/xml' } }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['UTF-7', { body: json, headers: { 'content-type': 'application/json; charset=utf-7' } }, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'UTF-16',
      { body: json, headers: { 'content-type': 'application/json;charset="UTF-16LE"' } },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['a mutation by GET', { method: 'GET', path: `/graphql?query=${mutation}` }, 'METHOD_NOT_ALLOWED'],
    ['PUT', { method: 'PUT', body: json }, 'METHOD_NOT_ALLOWED'],
    ['DELETE', { method: 'DELETE' }, 'METHOD_NOT_ALLOWED'],
    ['GET of a page', { method: 'GET', headers: { accept: 'text/html' } }, 'NOT_ACCEPTABLE'],
    ['an answer in XML', { body: json, headers: { accept: 'application/xml' } }, 'NOT_ACCEPTABLE'],
    ['GET without a query', { method: 'GET' }, 'BAD_REQUEST'],
    ['an address that is not there', { method: 'GET', path: '/nothing' }, 'NOT_FOUND'],
    ['an address that cannot be read', { method: 'GET', path: '/%zz' }, 'BAD_REQUEST'],
  ];
  it.each(requests)('%s', async (_name, request, code) => expectError(await send(request), code));

  it('takes a body of 1 MiB', async () => {
    expect((await send({ body: padded(httpBounds.bodyBytes) })).status).toBe(200);
  });

  it('names the methods that it has', async () => {
    expect((await send({ method: 'PUT', body: json })).headers.get('allow')).toBe('GET, POST');
    expect((await send({ method: 'GET', path: `/graphql?query=${mutation}` })).headers.get('allow')).toBe('POST');
  });

  it('ends a request that does not come to its end', async () => {
    for (const { text, ms } of await slow) {
      expect(text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\ncontent-type: application\/json/);
      expect(JSON.parse(text.split('\r\n\r\n')[1]!).errors[0].extensions.code).toBe('REQUEST_TIMEOUT');
      expect(ms).toBeGreaterThan(httpBounds.receiveMs - 100);
    }
  });

  it('stops although a request does not come to its end', async () => {
    // It did not wait for the end that the request would have had by itself.
    expect(await heardOfStop).not.toContain('408');
  });
});
