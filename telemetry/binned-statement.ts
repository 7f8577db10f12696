import type postgres from 'postgres';
import type { BinnedRead } from './binned-read.js';
import type { PointText } from './point-columns.js';
import { type RollupCover, rollupCover } from './rollup-cover.js';
import type { RollupLevel } from './rollup-level.js';

/** A row of a binned statement: points of a metric, or what became of the cover (`metric` 0). */
export type BinnedRow =
  | PointText
  | { readonly metric: 0; readonly times: string | null; readonly values: null | 'unusable' };

/**
 * Runs a binned statement: at first for readings of the few weeks in which pieces are expected (planning a year of weeks
 * costs more than reading a year of hours), and again for all weeks where hours are stale.
 * @param build the statement, with the rows of `ending` appended to those of the points
 */
export async function runBinned(
  read: BinnedRead,
  level: RollupLevel,
  build: (cover: RollupCover, ending: postgres.PendingQuery<postgres.Row[]>) => postgres.PendingQuery<BinnedRow[]>,
): Promise<PointText[]> {
  const { database } = read;
  const attempt = async (rolledMs: number | undefined) => {
    const cover = rollupCover(read, { level, ...(rolledMs === undefined ? {} : { rolledMs }) });
    const ending = database.sql`union all
      select 0, rolled, case when is_usable then null else 'unusable' end from (${cover.status}) s`;
    return build(cover, ending);
  };
  const { rolledMs } = database.rollups;
  let rows = await attempt(rolledMs);
  if (rows.some((row) => row.values === 'unusable')) rows = await attempt(undefined);
  const status = rows.find((row) => row.metric === 0);
  if (status?.times != null) database.rollups.rolledMs = Math.max(rolledMs ?? 0, Number(status.times));
  return rows.filter((row): row is PointText => row.metric !== 0);
}
