import { once } from 'node:events';
import { type AddressInfo, connect as connectSocket, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import { connect } from '../../db/connect.js';
import { LanePool } from '../../db/lane-pool.js';
import { queueConnection } from '../../db/queue-connection.js';
import { addressOf, serverHosts } from '../../db/server-hosts.js';
import { openLane } from '../../telemetry/open-lane.js';
import { until } from '../support/bulkhead-process.js';
import { startTemporaryPair, type TemporaryPostgres } from '../support/temporary-postgres.js';

/** The way to a server, which can be lost without a word. */
interface Way {
  readonly port: number;
  /** Connections so far. */
  readonly count: () => number;
  /** From now on nothing that is sent arrives, and connections are accepted but never answered. */
  freeze(): void;
  close(): void;
}

const options = { connect_timeout: 5, fetch_types: false, onnotice: () => {} };

let first: TemporaryPostgres;
let second: TemporaryPostgres;
let way: Way;
/** The standby comes first, so that whoever takes the first server that answers takes the wrong one. */
let url: string;

beforeAll(async () => {
  [first, second] = await startTemporaryPair();
  way = await wayTo(first.port);
  url = first.adminUrl().replace(`:${first.port}/`, `:${second.port},127.0.0.1:${way.port}/`);
});
afterAll(async () => {
  way.close();
  await Promise.all([first.stop(), second.stop()]);
});

async function wayTo(port: number, at = 0): Promise<Way> {
  const sockets = new Set<Socket>();
  let isFrozen = false;
  let count = 0;
  const server: Server = createServer((socket) => {
    count += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    if (isFrozen) return;
    const target = connectSocket(port, '127.0.0.1');
    sockets.add(target);
    target.on('error', () => {});
    socket.pipe(target).pipe(socket);
  });
  server.listen(at, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    count: () => count,
    freeze: () => {
      isFrozen = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const portOf = 'select inet_server_port() as port';

/** Asks by every kind of connection which server it is on. */
function askers() {
  const pool = connect(url, { ...options, max: 1 });
  const lanes = new LanePool(url, options, 1);
  const [, password = ''] = /:([0-9a-f]+)@/.exec(url) ?? [];
  const placement = { orgId: 'org', hosts: serverHosts(url), database: 'postgres', role: 'postgres', password };
  const telemetry = openLane(placement, 60_000);
  const { Client, ...queue } = queueConnection(url);
  const bySql = async (sql: postgres.Sql) => (await sql.unsafe(portOf))[0]?.['port'];
  return {
    ask: () =>
      Promise.allSettled([
        bySql(pool),
        lanes.use(async (turn) => (await turn.send(portOf))[0]?.['port']),
        bySql(telemetry),
        byQueue(new Client(queue)),
      ]),
    close: () => Promise.all([pool.end(), lanes.close(), telemetry.end()]),
  };
}

function answerOf(answer: PromiseSettledResult<unknown>): unknown {
  return answer.status === 'fulfilled' ? answer.value : answer.reason;
}

async function byQueue(client: InstanceType<ReturnType<typeof queueConnection>['Client']>): Promise<unknown> {
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query(portOf);
  await client.end();
  return rows[0]?.port;
}

describe('an address with several servers', () => {
  it('is served again at once when there is a primary again', async () => {
    const gone = await wayTo(1);
    gone.close();
    const pool = connect(url.replace(`:${way.port}/`, `:${gone.port}/`), { ...options, max: 1 });
    for (const _ of [1, 2]) await expect(pool.unsafe(portOf)).rejects.toMatchObject({ code: 'NO_PRIMARY' });
    const back = await wayTo(first.port, gone.port);
    const answer = await until('an answer', async () => (await pool.unsafe(portOf).catch(() => []))[0]?.['port']);
    expect(answer).toBe(first.port);
    await pool.end();
    back.close();
  });

  it('leads to the primary, and to the next one when it is gone without a word', async () => {
    const { ask, close } = askers();
    expect((await ask()).map(answerOf)).toEqual([first.port, first.port, first.port, first.port]);

    way.freeze();
    const waiting = ask();
    const standby = connect(second.adminUrl(), { ...options, max: 1 });
    await standby`select pg_promote()`;
    await standby.end();
    // What was under way is refused, not waited for; asked again it is answered by the other server.
    expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
    expect((await ask()).map(answerOf)).toEqual([second.port, second.port, second.port, second.port]);
    await close();
  });

  it('refuses soon where there is no primary, and asks the servers no more often for many who ask', async () => {
    const silent = await wayTo(1);
    silent.freeze();
    const [one] = serverHosts(url);
    const address = addressOf(url, one!).replace(`:${one!.port}/`, `:${silent.port},127.0.0.1:1/`);
    const lanes = new LanePool(address, options, 5);
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, () => lanes.use(async (turn) => turn.send(portOf))),
    );
    const codes = answers.map((answer) => (answer.status === 'rejected' ? answer.reason.code : 'answered'));
    expect(new Set(codes)).toEqual(new Set(['NO_PRIMARY']));
    expect(silent.count()).toBeLessThanOrEqual(2);
    await lanes.close();
    silent.close();
  });
});
