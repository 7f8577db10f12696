import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';
import type { GatewayConfiguration } from '../../server/gateway-configuration.js';
import type { FromChild } from '../../server/start/child-messages.js';

/** A gateway in a process of its own, to be killed. */
export interface GatewayProcess {
  readonly url: string;
  /** Ends it by `kill -9` and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a gateway as a process, as its supervisor does. */
export async function startGatewayProcess(configuration: GatewayConfiguration): Promise<GatewayProcess> {
  const child = fork(join(packageRoot, 'dist', 'server', 'gateway-process.js'), [], {
    env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.send({ type: 'start', configuration: { ...configuration, logLevel: 'silent' } });
  return { url: await readyUrl(child), kill: () => kill(child) };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  const [message] = (await once(child, 'message')) as [FromChild];
  if (message.type === 'ready' && message.url !== undefined) return message.url;
  child.kill('SIGKILL');
  throw new Error(`the gateway did not start: ${JSON.stringify(message)}`);
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
