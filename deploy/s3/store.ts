import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AwsClient } from 'aws4fetch';
import type { BucketAddress } from '../../bucket/bucket.js';
import { until } from '../../tests/support/bulkhead-process.js';

const settings = (name: string) => process.env[name] ?? '';

/** The store that `deploy/s3/up` has started. */
export const store = {
  url: settings('BULKHEAD_S3'),
  region: settings('REGION'),
  accessKeyId: settings('KEY_ID'),
  secretAccessKey: settings('SECRET'),
} as const;

/** A request that is signed, past the class that is tested. */
export function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return new AwsClient({ ...store, service: 's3', retries: 0 }).fetch(`${store.url}${path}`, init);
}

/** Makes a bucket. */
export async function makeBucket(name: string): Promise<BucketAddress> {
  const { status } = await ask(`/${name}`, { method: 'PUT' });
  if (status !== 200) throw new Error(`bucket ${name}: ${status}`);
  return { ...store, url: `${store.url}/${name}` };
}

/** Stops the gateway of the store from running, or lets it run again: it keeps its connections and answers nothing. */
export function signalStore(signal: 'SIGSTOP' | 'SIGCONT'): void {
  process.kill(pidOfStore(), signal);
}

/** Ends the gateway of the store as a power cut does. */
export async function killStore(): Promise<void> {
  const pid = pidOfStore();
  process.kill(pid, 'SIGKILL');
  await until('its end', () => (existsSync(`/proc/${pid}`) ? undefined : true));
}

/** Starts it again; it kept everything. */
export async function startStore(): Promise<void> {
  execFileSync('radosgw', ['-n', 'client.rgw']);
  await untilStored();
}

function pidOfStore(): number {
  return Number(readFileSync(join(settings('STATE'), 'client.rgw.pid'), 'utf8'));
}

/** Waits until the store answers. */
export async function untilStored(): Promise<void> {
  await until('the store', async () => ((await ask('/').catch(() => undefined))?.status === 200 ? true : undefined));
}
