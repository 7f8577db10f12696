import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { rawRequest } from '../support/raw-request.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';

let deployment: TestDeployment;
let url: string;
let key: string;

beforeAll(async () => {
  deployment = await startTestDeployment();
  url = deployment.gateway.url;
  key = (await deployment.createOrganization('A')).client.key!;
});
afterAll(() => deployment.stop());

const protocol = 'graphql-transport-ws';

function socketTo(
  headers: Readonly<Record<string, string>> = {},
  path = '/graphql',
  protocols: string[] = [protocol],
): WebSocket {
  return new WebSocket(`${url.replace('http', 'ws')}${path}`, protocols, { headers });
}

/** Opens a socket, lets it speak, and answers the code with which it is closed. */
async function closeCode(
  socket: WebSocket,
  speak: (send: (message: object | string) => void) => void,
): Promise<number> {
  const closed = once(socket, 'close');
  await once(socket, 'open');
  speak((message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)));
  const [code] = await closed;
  return code;
}

function repeat(times: number, work: () => void): void {
  for (let index = 0; index < times; index += 1) work();
}

/** Status of a handshake that is refused. */
async function refusal(socket: WebSocket): Promise<number> {
  const [, response] = await once(socket, 'unexpected-response');
  socket.terminate();
  return response.statusCode;
}

describe('a socket', () => {
  const init = { type: 'connection_init', payload: {} };

  it('is refused with its handshake when its key is wrong', async () => {
    const socket = socketTo({ 'x-api-key': 'wrong' });
    socket.on('error', () => {});
    expect(await refusal(socket)).toBe(401);
  });

  it('is closed when it brings no key, or brings it in the address', async () => {
    expect(await closeCode(socketTo(), (send) => send(init))).toBe(4401);
    expect(await closeCode(socketTo({}, `/graphql?x-api-key=${key}`), (send) => send(init))).toBe(4401);
    expect(
      await closeCode(socketTo(), (send) =>
        send({ id: '1', type: 'subscribe', payload: { query: '{ me { keyId } }' } }),
      ),
    ).toBe(4401);
  });

  it('is closed when it does not say whose it is', async () => {
    expect(await closeCode(socketTo(), () => {})).toBe(4408);
  });

  it('is closed for messages that are too large, too many, or none of the protocol', async () => {
    const own = () => socketTo({ 'x-api-key': key });
    expect(await closeCode(own(), (send) => send('x'.repeat(64 * 1024 + 1)))).toBe(1009);
    expect(await closeCode(own(), (send) => send('hello'))).toBe(4400);
    expect(await closeCode(own(), (send) => repeat(300, () => send({ type: 'ping' })))).toBe(4429);
    expect(await closeCode(own(), (send) => repeat(2, () => send(init)))).toBe(4429);
    expect(await closeCode(socketTo({ 'x-api-key': key }, '/graphql', []), (send) => send(init))).toBe(4406);
  });

  it('is refused where there is none', async () => {
    const socket = socketTo({ 'x-api-key': key }, '/graphql/stream');
    socket.on('error', () => {});
    expect(await refusal(socket)).toBe(404);
  });
});

describe('an event stream', () => {
  const body = JSON.stringify({ query: 'subscription { deletions { id } }' });
  const headers = { accept: 'text/event-stream' };

  it('is refused without a key, for another answer, and for what is no subscription', async () => {
    const path = '/graphql/stream';
    const statusOf = async (request: object) => (await rawRequest(url, { path, body, headers, ...request })).status;
    expect(await statusOf({})).toBe(401);
    expect(await statusOf({ key, headers: { accept: 'application/json' } })).toBe(406);
    expect(await statusOf({ key, body: '{}' })).toBe(400);
    expect(
      await statusOf({ key, body: JSON.stringify({ query: 'subscription { deletions { id } }', variables: 1 }) }),
    ).toBe(400);
    expect(await statusOf({ key, body: JSON.stringify({ query: '{ me { keyId } }' }) })).toBe(400);
    expect(await statusOf({ key, body: `"${'x'.repeat(2 ** 20)}"` })).toBe(413);
  });
});

describe('a request that offers another protocol', () => {
  it.each(['h2c', 'websocket'])('%s with a body is answered as if it had not', async (offer) => {
    const { hostname, port } = new URL(url);
    const body = JSON.stringify({ query: '{ me { type } }' });
    const socket = connect(Number(port), hostname);
    socket.write(
      [
        'POST /graphql HTTP/1.1',
        `host: ${hostname}`,
        `x-api-key: ${key}`,
        'connection: Upgrade, HTTP2-Settings',
        `upgrade: ${offer}`,
        'http2-settings: AAMAAABkAAQCAAAAAAIAAAAA',
        'content-type: application/json',
        `content-length: ${body.length}`,
        '',
        body.slice(0, 5),
      ].join('\r\n'),
    );
    socket.write(body.slice(5));
    let text = '';
    for await (const chunk of socket) {
      text += String(chunk);
      if (text.includes('}}')) break;
    }
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(text).toContain('{"data":{"me":{"type":"ADMIN"}}}');
  });
});
