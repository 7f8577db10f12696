import { setTimeout as delay } from 'node:timers/promises';
import { type ApiAccess, ApiClient } from '../client/api-client.js';
import { ApiFailure } from '../client/api-failure.js';
import { framesAt, ingest, readSimulatedThings, type SimulatedThing } from './simulated-things.js';

/** A simulator that reports. */
export interface Simulator {
  /** Stops reporting; a call under way is given up. */
  stop(): Promise<void>;
}

const everyMs = 10_000;
/** After so long things are read anew, so that new ones report and deleted ones do not. */
const rereadMs = 600_000;
/** Milliseconds for which one report is tried; then the next one is due anyway. */
const maxWaitMs = 30_000;

/**
 * Speaks for the simulated things of an organization, as a client of the public API: all of them in one call every 10 s.
 * Waits where the gateway says so, and ends by itself when the key is no longer accepted.
 * @param log told once when reporting begins to fail, and when the key is refused
 */
export function startSimulator(access: ApiAccess, log: (reason: string) => void): Simulator {
  const stop = new AbortController();
  const api = new ApiClient(access, { signal: stop.signal, maxWaitMs });
  const done = report(api, stop.signal, log);
  return {
    stop: async () => {
      stop.abort();
      await done;
    },
  };
}

async function report(api: ApiClient, signal: AbortSignal, log: (reason: string) => void): Promise<void> {
  let things: { readonly list: readonly SimulatedThing[]; readonly readAtMs: number } | undefined;
  let isFailing = false;
  while (!signal.aborted) {
    try {
      if (things === undefined || Date.now() - things.readAtMs > rereadMs) {
        things = { list: await readSimulatedThings(api), readAtMs: Date.now() };
      }
      await ingest(api, framesAt(things.list, [Math.floor(Date.now() / everyMs) * everyMs]));
      isFailing = false;
    } catch (error) {
      if (signal.aborted) return;
      things = undefined;
      if (error instanceof ApiFailure && error.code === 'UNAUTHENTICATED') {
        log('the key of the demo organization is no longer accepted: its things report no more');
        return;
      }
      if (!isFailing) log(`the simulated things cannot report: ${error instanceof Error ? error.message : 'unknown'}`);
      isFailing = true;
    }
    await delay(everyMs - (Date.now() % everyMs), undefined, { signal }).catch(() => {});
  }
}
