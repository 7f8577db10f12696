import type { ApiClient } from '../client/api-client.js';
import * as operations from './operations.js';
import { signalValues } from './signals.js';

/** A thing that the simulator speaks for. */
export interface SimulatedThing {
  readonly id: string;
  readonly metricNames: readonly string[];
}

interface Page {
  readonly things: {
    readonly nodes: readonly {
      readonly id: string;
      readonly isSimulated: boolean;
      readonly typeVersion: { readonly metrics: readonly { readonly name: string }[] | null } | null;
    }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/** Frames of one thing, as `ingestFrames` takes them. */
export interface ThingFrames {
  readonly thingId: string;
  readonly frames: readonly {
    readonly timestamp: number;
    readonly metrics: Readonly<Record<string, number | boolean>>;
  }[];
}

/** Most frames of one call of `ingestFrames`. */
export const maxFramesPerCall = 1_000;

/** The simulated things of the organization, at most as many as can report in one call. */
export async function readSimulatedThings(api: ApiClient): Promise<SimulatedThing[]> {
  const found: SimulatedThing[] = [];
  let after: string | null = null;
  do {
    const page: Page = await api.run(operations.simulatedThings, { after }, { isRepeatable: true });
    const simulated = page.things.nodes.filter(({ isSimulated }) => isSimulated);
    found.push(
      ...simulated.map(({ id, typeVersion }) => ({
        id,
        metricNames: (typeVersion?.metrics ?? []).map(({ name }) => name),
      })),
    );
    after = page.things.pageInfo.hasNextPage ? page.things.pageInfo.endCursor : null;
  } while (after !== null && found.length < maxFramesPerCall);
  return found.slice(0, maxFramesPerCall);
}

/** What things report at the given moments; a thing of whose metrics none has a signal is left out. */
export function framesAt(things: readonly SimulatedThing[], momentsMs: readonly number[]): ThingFrames[] {
  return things
    .map(({ id, metricNames }) => ({
      thingId: id,
      frames: momentsMs.map((timestamp) => ({ timestamp, metrics: signalValues(id, metricNames, timestamp) })),
    }))
    .filter(({ frames }) => frames.some(({ metrics }) => Object.keys(metrics).length > 0));
}

/** Sends frames in one call. */
export async function ingest(api: ApiClient, things: readonly ThingFrames[]): Promise<void> {
  if (things.length === 0) return;
  await api.run(operations.ingestFrames, { input: { things } }, { isRepeatable: true });
}
