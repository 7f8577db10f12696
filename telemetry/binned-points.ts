import { invalidInput } from '../errors/bulkhead-error.js';
import { binnedEdges } from './binned-edges.js';
import type { BinnedRead, BinnedValue } from './binned-read.js';
import { binnedTotals } from './binned-totals.js';
import { databaseErrorCode } from './database-error-code.js';
import type { Aggregation } from './metric.js';
import type { PlacePoint } from './series-point.js';

/**
 * Readings of the window in bins, each metric by its default aggregation, by metric id and unordered. At most three
 * statements, whatever the number of metrics.
 * @throws BulkheadError BAD_USER_INPUT for a time zone that the database does not know
 */
export async function binnedPoints(read: BinnedRead): Promise<Map<string, PlacePoint[]>> {
  const only = (...kinds: Aggregation[]): BinnedRead => ({
    ...read,
    metrics: read.metrics.filter((metric) => kinds.includes(metric.defaultAggregation)),
  });
  const reads: Promise<BinnedValue[]>[] = [];
  const [firsts, lasts, totals] = [only('FIRST'), only('LAST'), only('COUNT', 'SUM', 'AVG')];
  if (firsts.metrics.length > 0) reads.push(binnedEdges(firsts, 'FIRST'));
  if (lasts.metrics.length > 0) reads.push(binnedEdges(lasts, 'LAST'));
  if (totals.metrics.length > 0) reads.push(binnedTotals(totals));
  const points = new Map<string, PlacePoint[]>();
  for (const { metricId, atMs, value } of (await knownZone(Promise.all(reads))).flat()) {
    const point = { atMs, value, thingId: null };
    const list = points.get(metricId);
    if (list === undefined) points.set(metricId, [point]);
    else list.push(point);
  }
  return points;
}

/** The time zones of Node and of the server may be of different years. */
async function knownZone<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    const isUnknownZone = databaseErrorCode(error) === '22023';
    throw isUnknownZone ? invalidInput('bin.timeZone', 'is not known to the database') : error;
  }
}
