import { requireHandle } from '../../domain/telemetry/require-handle.js';
import { getThing } from '../../domain/thing/get-thing.js';
import { type LatestValue, latestValues } from '../../telemetry/latest.js';
import { selectMetrics } from '../../telemetry/select-metrics.js';
import { liveField } from '../live/live-field.js';
import type { RequestContext } from '../request-context.js';
import type { SubscriptionReadingsArgs, SubscriptionResolvers } from '../types.generated.js';
import { type ReadingValue, readingOf } from './reading.js';

/** Readings of a thing that subscribers have not been told of yet. */
export interface NewReadingsValue {
  readonly thingId: string;
  readonly readings: readonly ReadingValue[];
}

/** Telemetry as it comes in. */
export const Subscription = {
  readings: liveField<SubscriptionReadingsArgs, NewReadingsValue>('readings', async (args, context) => {
    // Refuses an unknown thing or metric before anything is watched.
    await newestReadings(context, args);
    const thingId = args.thingId.toLowerCase();
    const told = new Map<string, string>();
    return {
      kind: 'READINGS',
      topic: thingId,
      isReread: true,
      next: async (current) => {
        const newest = await newestReadings(current, args);
        const readings = newest.filter(({ metric, atMs, value }) => {
          const reading = `${atMs} ${JSON.stringify(value)}`;
          const isNew = told.get(metric.id) !== reading;
          told.set(metric.id, reading);
          return isNew;
        });
        if (readings.length === 0) return [];
        return [{ thingId, readings: readings.map(({ metric, atMs, value }) => readingOf(metric, atMs, value)) }];
      },
    };
  }),
} satisfies SubscriptionResolvers;

/** The newest reading of each metric that is asked for, read anew. */
function newestReadings(
  { telemetry, identity }: RequestContext,
  { thingId, metricIds }: SubscriptionReadingsArgs,
): Promise<readonly LatestValue[]> {
  return telemetry.read(
    identity,
    async (tx) => [await getThing(tx, thingId)],
    async (database, open) => {
      const handle = requireHandle(open, thingId.toLowerCase());
      const wanted = metricIds ? new Set(selectMetrics([handle], metricIds)) : undefined;
      const [latest] = await latestValues(database, [handle], open.oldestMs);
      const values = latest?.values ?? [];
      return wanted === undefined ? values : values.filter(({ metric }) => wanted.has(metric));
    },
  );
}
