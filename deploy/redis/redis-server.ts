import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@redis/client';

/** A redis-server of one test, on loopback, with a password; nothing of it is kept. */
export interface RedisServer {
  readonly url: string;
  /** The same with TLS; only where certificates were given. */
  readonly tlsUrl: string;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
  /** Starts it again, empty, at the same address. */
  restart(): Promise<void>;
  /** Stops it from running, or lets it run again: it keeps its connections and answers nothing meanwhile. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
}

/** @param certificates directory with `key.pem` and `certificate.pem` */
export async function startRedis(certificates?: string): Promise<RedisServer> {
  const [port, tlsPort] = [await freePort(), await freePort()];
  const password = randomBytes(16).toString('hex');
  const tls =
    certificates === undefined
      ? []
      : [
          ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no'],
          ...['--tls-cert-file', `${certificates}/certificate.pem`, '--tls-key-file', `${certificates}/key.pem`],
        ];
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--requirepass', password, '--save', '', ...tls];
  const url = `redis://:${password}@127.0.0.1:${port}`;
  let server: ChildProcess;
  const start = async () => {
    server = spawn('redis-server', options, { stdio: 'ignore' });
    server.on('error', () => {});
    await answers(url);
  };
  await start();
  return {
    url,
    tlsUrl: `rediss://:${password}@127.0.0.1:${tlsPort}`,
    kill: async () => {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
    },
    restart: start,
    signal: (name) => void server.kill(name),
  };
}

async function answers(url: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const client = createClient({ url, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    try {
      await client.connect();
      client.destroy();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error('redis-server does not answer', { cause: error });
      await delay(20);
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  probe.close();
  await once(probe, 'close');
  return port;
}
