import { invalidInput } from '../errors/bulkhead-error.js';
import { binnedEdges } from './binned-edges.js';
import type { BinnedRead } from './binned-read.js';
import { binnedTotals } from './binned-totals.js';
import { databaseErrorCode } from './database-error-code.js';
import type { Aggregation } from './metric.js';
import type { PointColumns } from './point-columns.js';
import { type RollupLevel, rollupLevel } from './rollup-level.js';

/**
 * Readings of the window in bins, each metric by its default aggregation, by metric id. At most three statements, whatever
 * the number of metrics and things.
 * @param level what the bins are made of; by default the coarsest rollups that fit
 * @throws BulkheadError BAD_USER_INPUT for a time zone that the database does not know
 */
export async function binnedPoints(
  read: BinnedRead,
  level: RollupLevel = rollupLevel(read.bin, read.window),
): Promise<Map<string, PointColumns>> {
  const only = (...kinds: Aggregation[]): BinnedRead => ({
    ...read,
    metrics: read.metrics.filter((metric) => kinds.includes(metric.defaultAggregation)),
  });
  const reads: Promise<Map<string, PointColumns>>[] = [];
  const [firsts, lasts, totals] = [only('FIRST'), only('LAST'), only('COUNT', 'SUM', 'AVG')];
  if (firsts.metrics.length > 0) reads.push(binnedEdges(firsts, level, 'FIRST'));
  if (lasts.metrics.length > 0) reads.push(binnedEdges(lasts, level, 'LAST'));
  if (totals.metrics.length > 0) reads.push(binnedTotals(totals, level));
  const found = await knownZone(Promise.all(reads));
  return new Map(found.flatMap((points) => [...points]));
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
