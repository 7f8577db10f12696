import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { LanePool } from '../../db/lane-pool.js';
import { testCluster } from '../support/test-cluster.js';

const options = { connect_timeout: 5, fetch_types: false };

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const ask = (pool: LanePool) => pool.use(async (turn) => (await turn.send('select 1 as one'))[0]?.['one']);
const through = (port: number) => {
  const url = new URL(testCluster().adminUrl);
  url.port = String(port);
  return url.href;
};

describe('LanePool', () => {
  it('tells everybody who waits that there is no connection', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    const pool = new LanePool(through(port), options, 2);
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => ask(pool)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 'rejected'));
    await pool.close();
  });

  it('gives up a server that accepts connections and closes them', async () => {
    const server = createServer((socket) => socket.destroy());
    const pool = new LanePool(through(await listening(server)), options, 1);
    await expect(ask(pool)).rejects.toThrow();
    await pool.close();
    server.close();
  });

  it('does not wait for the end of connections whose other side is gone', async () => {
    const sockets: [Socket, Socket][] = [];
    const server = createServer((socket) => {
      const target = connect(Number(new URL(testCluster().adminUrl).port), '127.0.0.1');
      sockets.push([socket, target]);
      for (const [from, to] of [
        [socket, target],
        [target, socket],
      ] as const) {
        from.pipe(to);
        from.on('error', () => {});
      }
    });
    const pool = new LanePool(through(await listening(server)), options, 2);
    expect(await Promise.all([ask(pool), ask(pool)])).toEqual([1, 1]);
    // From now on nothing that is sent on these arrives, and no end of them is ever told.
    for (const [socket, target] of sockets) {
      socket.unpipe();
      socket.pause();
      target.unpipe();
    }
    pool.closeFree();
    expect(await Promise.all([ask(pool), ask(pool)])).toEqual([1, 1]);
    await pool.close();
    for (const pair of sockets) for (const socket of pair) socket.destroy();
    server.close();
  });
});
