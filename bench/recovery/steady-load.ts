import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient } from '../../client/api-client.js';
import { framesAt, readSimulatedThings } from '../../demo/simulated-things.js';
import { type GraphqlClient, graphqlClient } from '../../tests/support/graphql-client.js';
import { listThings } from '../scenarios/w1-list.js';
import { getThing } from '../scenarios/w2-thing.js';
import { updateThing } from '../scenarios/w3-update.js';
import { ingestFrames } from '../scenarios/w4-ingest.js';

/** Requests at an even pace, whether or not the ones before were answered, as users send them. */
export interface SteadyLoad {
  /** Sends until the signal; answers the milliseconds of each, from the moment at which it was due. */
  run(until: AbortSignal): Promise<number[]>;
}

/** Of 20 requests: 12 get, 4 list, 2 update, 2 ingest. */
const mix = 'gglgguggligglggugigl';

/** @param access of the demo, whose rate limits have to be high enough */
export async function steadyLoad(access: { url: string; apiKey: string }, perSecond: number): Promise<SteadyLoad> {
  const client = graphqlClient(access.url, access.apiKey);
  const things = await readSimulatedThings(new ApiClient(access));
  let number = 0;
  const send = async (dueMs: number, latencies: number[]): Promise<void> => {
    const thing = things[number % things.length];
    if (thing === undefined) throw new Error('the demo has no simulated things');
    await operation(client, mix[number++ % mix.length] ?? 'g', thing);
    latencies.push(performance.now() - dueMs);
  };
  return {
    run: async (until) => {
      const latencies: number[] = [];
      const underWay: Promise<void>[] = [];
      const startedMs = performance.now();
      for (let sent = 0; !until.aborted; sent += 1) {
        const dueMs = startedMs + (sent * 1000) / perSecond;
        await delay(Math.max(0, dueMs - performance.now()));
        underWay.push(send(dueMs, latencies));
      }
      await Promise.all(underWay);
      return latencies;
    },
  };
}

type Thing = Awaited<ReturnType<typeof readSimulatedThings>>[number];

function operation(client: GraphqlClient, kind: string, thing: Thing): Promise<unknown> {
  if (kind === 'l') return client.ok(listThings.document);
  if (kind === 'u') {
    return client.ok(updateThing.document, { input: { id: thing.id, description: `at ${new Date().toISOString()}` } });
  }
  if (kind === 'i') return client.ok(ingestFrames.document, { input: { things: framesAt([thing], [Date.now()]) } });
  return client.ok(getThing.document, { id: thing.id });
}
