import type { BaseBackup } from './base/base-backup.js';
import type { Catalogue } from './catalogue.js';
import { type TimelineHistory, timelineAt } from './wal/timeline-history.js';
import { lsnBytes, walFileName, walNumberOf, walPlaceOf } from './wal/wal-file.js';

/** What can be restored from one base backup on. */
export interface Reach {
  readonly base: BaseBackup;
  /** Name of the last WAL file without a gap since its begin; undefined when those that it needs itself are not all there. */
  readonly lastWal: string | undefined;
  /** When that file was stored: about the latest moment that can be restored. */
  readonly until: Date | undefined;
  /** Name of the first WAL file that is missing, though later ones are there. */
  readonly gap: string | undefined;
}

/** The newest timeline of a cluster: the one that it is on, unless it was put back by hand. */
export function newestTimeline({ bases, histories, wal }: Catalogue): number {
  let newest = Math.max(1, ...histories.keys(), ...bases.map(({ timeline }) => timeline));
  for (const file of wal.keys()) newest = Math.max(newest, Number.parseInt(file.slice(0, 8), 16));
  return newest;
}

/** How far each base backup of a timeline's history reaches along that timeline (default: the newest). */
export function reachOf(catalogue: Catalogue, timeline = newestTimeline(catalogue)): Reach[] {
  const history = catalogue.histories.get(timeline) ?? [];
  const highest = highestNumber(catalogue, history, timeline);
  const reached = new Map<number, { end: number; gap: string | undefined }>();
  // Later bases first: an earlier one that reaches the begin of a later one reaches as far.
  return catalogue.bases
    .filter((base) => isOnPath(base, history, timeline))
    .reverse()
    .map((base) => {
      const start = walPlaceOf(base.startWal, base.walFileBytes).number;
      const name = (number: number) => {
        const timelineOf = timelineAt(history, timeline, BigInt(number + 1) * BigInt(base.walFileBytes) - 1n);
        return walFileName({ timeline: timelineOf, number }, base.walFileBytes);
      };
      let next = start;
      let known: { end: number; gap: string | undefined } | undefined;
      while (known === undefined && catalogue.wal.has(name(next))) {
        next += 1;
        known = reached.get(next);
      }
      const found = known ?? { end: next, gap: next <= highest ? name(next) : undefined };
      reached.set(start, found);
      const isWhole = found.end > walPlaceOf(base.stopWal, base.walFileBytes).number;
      const lastWal = isWhole ? name(found.end - 1) : undefined;
      return { base, lastWal, until: lastWal === undefined ? undefined : catalogue.wal.get(lastWal), gap: found.gap };
    })
    .reverse();
}

/**
 * The newest base backup from which a moment can be restored: it ended before, and its WAL is there without a gap.
 * @param timeline the one to follow (default: the newest)
 * @returns undefined when there is none
 */
export function chooseBase(catalogue: Catalogue, moment: Date, timeline?: number): Reach | undefined {
  return reachOf(catalogue, timeline).findLast(
    ({ base, lastWal }) => lastWal !== undefined && new Date(base.endedAt) <= moment,
  );
}

/** Base backups that have the WAL they need and lead to the newest timeline, by the moment of their end. */
export function restorableBases(catalogue: Catalogue): BaseBackup[] {
  return reachOf(catalogue).flatMap(({ base, lastWal }) => (lastWal === undefined ? [] : base));
}

/**
 * The moments that can be restored without a gap, ending with the newest; undefined when there are none.
 * @param timeline the one to follow (default: the newest)
 */
export function restorableWindow(catalogue: Catalogue, timeline?: number): { from: Date; until: Date } | undefined {
  const reaches = reachOf(catalogue, timeline).filter(({ lastWal }) => lastWal !== undefined);
  const last = reaches.at(-1);
  if (last?.until === undefined) return undefined;
  const first = reaches.find(({ lastWal }) => lastWal === last.lastWal);
  // A base backup may say that it has ended a moment after its last WAL was stored.
  const until = new Date(Math.max(last.until.getTime(), new Date(last.base.endedAt).getTime()));
  return { from: new Date((first ?? last).base.endedAt), until };
}

/** A time whose moments belong to a timeline that was left. */
export interface LeftTime {
  /** Of the first commit that was left out. */
  readonly from: Date;
  /** When the first WAL of the next timeline was stored: about when its first commit was made. */
  readonly until: Date;
}

/**
 * The times that the newest timeline has no moments of: those between what a restore within the repository went back to
 * and its first commit.
 * @param baseTimeline timeline of the base backup from which one restores: what was left before it does not matter
 */
export function leftTimes(catalogue: Catalogue, timeline: number, baseTimeline = 1): LeftTime[] {
  const history = catalogue.histories.get(timeline) ?? [];
  return history.flatMap(({ timeline: parent, leftAt: from }, index) => {
    const until = firstStored(catalogue, history[index + 1]?.timeline ?? timeline);
    return from === undefined || until === undefined || parent < baseTimeline ? [] : { from, until };
  });
}

/** A timeline that the newest one does not follow to its end: its last moments are restored by naming it. */
export interface LeftTimeline {
  readonly timeline: number;
  readonly from: Date;
  readonly until: Date;
}

/** The timelines that were left by a restore within the repository, and their moments that can be restored still. */
export function leftTimelines(catalogue: Catalogue): LeftTimeline[] {
  const newest = newestTimeline(catalogue);
  const history = catalogue.histories.get(newest) ?? [];
  const known = new Set([...catalogue.wal.keys()].map((file) => Number.parseInt(file.slice(0, 8), 16)));
  return [...known]
    .filter((timeline) => timeline !== newest)
    .sort((a, b) => a - b)
    .flatMap((timeline) => {
      const window = restorableWindow(catalogue, timeline);
      if (window === undefined) return [];
      const leftAt = history.find((parent) => parent.timeline === timeline)?.leftAt ?? window.from;
      const from = new Date(Math.max(leftAt.getTime(), window.from.getTime()));
      return from < window.until ? [{ timeline, from, until: window.until }] : [];
    });
}

function firstStored({ wal }: Catalogue, timeline: number): Date | undefined {
  let first: Date | undefined;
  for (const [file, storedAt] of wal) {
    if (Number.parseInt(file.slice(0, 8), 16) !== timeline) continue;
    if (first === undefined || storedAt < first) first = storedAt;
  }
  return first;
}

function isOnPath({ timeline, stopLsn }: BaseBackup, history: TimelineHistory, own: number): boolean {
  if (timeline === own) return true;
  const parent = history.find((one) => one.timeline === timeline);
  return parent !== undefined && lsnBytes(stopLsn) <= lsnBytes(parent.until);
}

/** What a timeline wrote after it was left belongs to another history: it says nothing about gaps in this one. */
function highestNumber({ wal, bases }: Catalogue, history: TimelineHistory, own: number): number {
  const walFileBytes = bases.at(-1)?.walFileBytes;
  if (walFileBytes === undefined) return -1;
  const ends = new Map(history.map(({ timeline, until }) => [timeline, walNumberOf(until, walFileBytes)]));
  ends.set(own, Number.POSITIVE_INFINITY);
  let highest = -1;
  // A base backup is complete only once its WAL was there.
  const known = bases.filter((base) => isOnPath(base, history, own)).map(({ stopWal }) => stopWal);
  for (const file of [...wal.keys(), ...known]) {
    const { timeline, number } = walPlaceOf(file, walFileBytes);
    if (number < (ends.get(timeline) ?? -1)) highest = Math.max(highest, number);
  }
  return highest;
}
