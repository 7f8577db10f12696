import type { SeriesQuery } from '../../telemetry/read-series.js';
import type { ThingTimeseriesArgs } from '../types.generated.js';

/** The arguments of a `timeseries` field as a query of the telemetry database. */
export function seriesQuery(args: ThingTimeseriesArgs, oldestMs: number): SeriesQuery {
  return {
    startMs: args.start.getTime(),
    endMs: args.end.getTime(),
    oldestMs,
    ...(args.metricIds ? { metrics: args.metricIds } : {}),
    ...(args.bin
      ? {
          bin: {
            unit: args.bin.unit,
            value: args.bin.value ?? 1,
            ...(args.bin.timeZone ? { timeZone: args.bin.timeZone } : {}),
          },
        }
      : {}),
  };
}
