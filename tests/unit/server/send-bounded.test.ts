import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { sendBounded } from '../../../server/live/send-bounded.js';

const bounds = { bufferedBytes: 1024 * 1024, flushMs: 300 };
const megabyte = 'x'.repeat(1024 * 1024);
let server: WebSocketServer;
let client: WebSocket;

afterEach(() => {
  client.terminate();
  server.close();
});

/** Both ends of a connection. */
async function connected(): Promise<WebSocket> {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as { port: number }).port}`);
  await once(client, 'open');
  const [socket] = await accepted;
  return socket as WebSocket;
}

describe('sending to a client', () => {
  it('that reads waits until each message has left, and cuts nobody', async () => {
    const socket = await connected();
    let received = 0;
    client.on('message', () => {
      received += 1;
    });
    for (let index = 0; index < 20; index += 1) {
      // Time enough for a busy machine: a message that has not left within it fails this test.
      await sendBounded(socket, megabyte, { ...bounds, flushMs: 60_000 }, () => {
        throw new Error('cut');
      });
    }
    while (received < 20) await new Promise(setImmediate);
    expect(socket.readyState).toBe(WebSocket.OPEN);
  });

  it('that does not read ends in its being cut off', async () => {
    const socket = await connected();
    client.pause();
    let cuts = 0;
    // More than the buffers of both sides of the system hold.
    for (let index = 0; index < 64 && socket.readyState === WebSocket.OPEN; index += 1) {
      await sendBounded(socket, megabyte, bounds, () => {
        cuts += 1;
      });
    }
    expect([cuts, socket.readyState === WebSocket.OPEN]).toEqual([1, false]);
    await sendBounded(socket, 'too late', bounds, () => {
      cuts += 1;
    });
    expect(cuts).toBe(1);
  });

  it('that has too much to read cuts it off at once', async () => {
    const socket = await connected();
    client.pause();
    let cuts = 0;
    const cut = () => {
      cuts += 1;
    };
    await Promise.all(
      Array.from({ length: 64 }, () => sendBounded(socket, megabyte, { ...bounds, flushMs: 60_000 }, cut)),
    );
    expect(cuts).toBe(1);
  });
});
