import type { ApiClient } from '../client/api-client.js';
import { framesAt, ingest, maxFramesPerCall, readSimulatedThings } from './simulated-things.js';

/** The past that is made up, and how far apart its readings are. */
const pastMs = 24 * 3_600_000;
const stepMs = 300_000;

/** Reports the last 24 hours of all simulated things, every five minutes, in as few calls as the bounds allow. */
export async function backfill(api: ApiClient): Promise<void> {
  const things = await readSimulatedThings(api);
  if (things.length === 0) return;
  const last = Math.floor(Date.now() / stepMs);
  const moments = Array.from({ length: pastMs / stepMs }, (_, index) => (last - index) * stepMs).reverse();
  const momentsPerCall = Math.floor(maxFramesPerCall / things.length);
  for (let start = 0; start < moments.length; start += momentsPerCall) {
    await ingest(api, framesAt(things, moments.slice(start, start + momentsPerCall)));
  }
}
