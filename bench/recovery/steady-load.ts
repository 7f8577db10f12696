import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient } from '../../client/api-client.js';
import { framesAt, readSimulatedThings } from '../../demo/simulated-things.js';
import { type GraphqlClient, graphqlClient } from '../../tests/support/graphql-client.js';
import { listThings } from '../scenarios/w1-list.js';
import { getThing } from '../scenarios/w2-thing.js';
import { updateThing } from '../scenarios/w3-update.js';
import { ingestFrames } from '../scenarios/w4-ingest.js';

/** What came of a load. */
export interface Noticed {
  /** Milliseconds of each request, from the moment at which it was due; of those that failed too. */
  readonly latencies: readonly number[];
  /** Requests that were answered with an error, such as that the machine has no time for them. */
  readonly failures: number;
}

/** Requests at an even pace, whether or not the ones before were answered, as users send them. */
export interface SteadyLoad {
  /** Sends until the signal, and waits for the answers. */
  run(until: AbortSignal): Promise<Noticed>;
}

/** Of 20 requests: 12 get, 4 list, 2 update, 2 ingest. */
const mix = 'gglgguggligglggugigl';

/** @param access of the demo, whose rate limits have to be high enough */
export async function steadyLoad(access: { url: string; apiKey: string }, perSecond: number): Promise<SteadyLoad> {
  const client = graphqlClient(access.url, access.apiKey);
  const things = await readSimulatedThings(new ApiClient(access));
  let number = 0;
  const [first] = things;
  if (first === undefined) throw new Error('the demo has no simulated things');
  const send = async (dueMs: number, latencies: number[]): Promise<boolean> => {
    const sent = number++;
    const isAnswered = await operation(
      client,
      mix[sent % mix.length] ?? 'g',
      things[sent % things.length] ?? first,
    ).then(
      () => true,
      () => false,
    );
    latencies.push(performance.now() - dueMs);
    return isAnswered;
  };
  return {
    run: async (until) => {
      const latencies: number[] = [];
      const underWay: Promise<boolean>[] = [];
      const startedMs = performance.now();
      for (let sent = 0; !until.aborted; sent += 1) {
        const dueMs = startedMs + (sent * 1000) / perSecond;
        await delay(Math.max(0, dueMs - performance.now()));
        underWay.push(send(dueMs, latencies));
      }
      const answered = await Promise.all(underWay);
      return { latencies, failures: answered.filter((is) => !is).length };
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
