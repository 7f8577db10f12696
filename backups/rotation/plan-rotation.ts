import { type BaseBackup, type Period, periods } from '../base/base-backup.js';
import { walPlaceOf } from '../wal/wal-file.js';

/** What is kept. */
export interface RotationPolicy {
  /** Days of which every moment can be restored (default 35). */
  readonly windowDays: number;
  /** Base backups of each period, beside what the window needs (default 6 daily, 4 weekly, 2 monthly, 0 yearly). */
  readonly counts: Readonly<Record<Period, number>>;
}

/**
 * Why a base backup is kept: as one of its period, for the window, as extra of a day, as the newest, or because its
 * timeline was left within the window.
 */
export type KeepReason = Period | 'window' | 'extra' | 'newest' | 'left';

/** A base backup as far as a plan looks at it. */
export type PlannedBase = Pick<
  BaseBackup,
  'id' | 'startedAt' | 'endedAt' | 'firstOf' | 'startWal' | 'stopWal' | 'walFileBytes'
>;

/** What a rotation does. */
export interface RotationPlan<Base extends PlannedBase> {
  readonly keep: readonly { readonly base: Base; readonly reasons: readonly KeepReason[] }[];
  readonly expire: readonly Base[];
  /** Whether a file of the WAL archive, but for histories of timelines, is still needed. */
  readonly isWalNeeded: (file: string) => boolean;
}

const dayMs = 86_400_000;

/**
 * What of the base backups is kept, and the WAL that they need. A base backup belongs to the longest period of which it
 * is the first and that the policy counts; of each period the newest are kept. Every moment of the window can be
 * restored from a base backup that ended before the window, its anchor: kept are the newest such, or the oldest where
 * there is none, and of those that are to follow it the first of each week. The newest is kept whatever the policy says.
 * What is not on the path counts for nothing of this and is kept for as long as the window, for whoever goes back to it.
 * @param bases complete ones, by the moment of their end
 * @param path those of them that have their WAL and lead to the newest timeline; without any, everything is kept
 */
export function planRotation<Base extends PlannedBase>(
  bases: readonly Base[],
  path: readonly Base[],
  now: Date,
  { windowDays, counts }: RotationPolicy,
): RotationPlan<Base> {
  const windowStart = new Date(now.getTime() - windowDays * dayMs);
  const reasons = new Map<Base, KeepReason[]>(bases.map((base) => [base, []]));
  const add = (base: Base | undefined, reason: KeepReason) => base !== undefined && reasons.get(base)?.push(reason);
  const periodOf = (base: Base) => periods.find((period) => counts[period] > 0 && base.firstOf.includes(period));
  for (const period of periods.filter((each) => counts[each] > 0)) {
    for (const base of path.filter((each) => periodOf(each) === period).slice(-counts[period])) add(base, period);
  }
  for (const base of path.filter(({ firstOf }) => firstOf.length === 0)) {
    if (now.getTime() - Date.parse(base.startedAt) <= counts.daily * dayMs) add(base, 'extra');
  }
  const anchor = path.findLast(({ endedAt }) => new Date(endedAt) <= windowStart) ?? path[0];
  add(anchor, 'window');
  for (const base of path) {
    if (base !== anchor && new Date(base.endedAt) > windowStart && base.firstOf.includes('weekly')) add(base, 'window');
  }
  for (const base of bases.filter((each) => !path.includes(each))) {
    if (anchor === undefined || new Date(base.endedAt) > windowStart) add(base, 'left');
  }
  add(path.at(-1), 'newest');
  const keep = bases.flatMap((base) => {
    const found = reasons.get(base) ?? [];
    return found.length === 0 ? [] : [{ base, reasons: found }];
  });
  const kept = keep.map(({ base }) => base);
  return { keep, expire: bases.filter((base) => !kept.includes(base)), isWalNeeded: walNeeds(kept, anchor) };
}

/**
 * All WAL from the begin of the anchor on, and of what is kept beside it what that needs itself. Numbers only grow along
 * a path, so those of the timelines that were left go when the window has passed them.
 */
function walNeeds(kept: readonly PlannedBase[], anchor: PlannedBase | undefined): (file: string) => boolean {
  if (anchor === undefined) return () => true;
  const numberOf = (file: string) => walPlaceOf(file, anchor.walFileBytes).number;
  const from = numberOf(anchor.startWal);
  const ranges = kept.map(({ startWal, stopWal }) => ({
    timeline: startWal.slice(0, 8),
    first: numberOf(startWal),
    last: numberOf(stopWal),
  }));
  return (file) => {
    const number = numberOf(file);
    return (
      number >= from ||
      ranges.some(({ timeline, first, last }) => file.startsWith(timeline) && first <= number && number <= last)
    );
  };
}
