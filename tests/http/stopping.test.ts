import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';

let deployment: TestDeployment;
let key: string;

beforeAll(async () => {
  deployment = await startTestDeployment();
  key = (await deployment.createOrganization('Stopping')).client.key!;
});
afterAll(() => deployment.stop());

const body = JSON.stringify({ query: '{ me { keyId } }' });

/** A connection that is kept alive. */
function open(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const head = `POST /graphql HTTP/1.1\r\nhost: test\r\nx-api-key: ${key}\r\ncontent-type: application/json\r\n`;
  return {
    closed: once(socket, 'close'),
    text: () => text,
    write: (part: string) => new Promise((resolve) => socket.write(part, resolve)),
    begin: `${head}content-length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
    end: body.slice(5),
    heard: async (part: string) => {
      while (!text.includes(part)) await once(socket, 'data');
    },
  };
}

describe('a gateway that stops', () => {
  it('answers what is under way, says that the connection ends, and ends it', async () => {
    const gateway = await deployment.startGateway();
    const used = open(gateway.url);
    // An answer to the whole request shows that the connection is kept; the next request is then under way.
    await used.write(used.begin + used.end);
    await used.heard('keyId');
    expect(used.text()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(used.text().toLowerCase()).toContain('connection: keep-alive');
    const before = used.text().length;
    await used.write(used.begin);
    const other = open(gateway.url);
    await other.write(other.begin + other.end);
    await other.heard('keyId');

    const closing = gateway.close();
    // The idle connection is closed when the gateway has begun to stop.
    await other.closed;
    await used.write(used.end);
    await used.closed;
    const answer = used.text().slice(before);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer.toLowerCase()).toContain('connection: close');
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!).data.me.keyId).toEqual(expect.any(String));
    await closing;
  });
});
