import { describe, expect, it } from '@jest/globals';
import type { BaseBackup } from '../../../backups/base/base-backup.js';
import type { Catalogue } from '../../../backups/catalogue.js';
import { firstPeriods } from '../../../backups/rotation/periods.js';
import { planRotation, type RotationPolicy } from '../../../backups/rotation/plan-rotation.js';
import { parseHistory, type TimelineParent } from '../../../backups/wal/timeline-history.js';
import { walFileName } from '../../../backups/wal/wal-file.js';
import { leftTimelines, leftTimes, reachOf, restorableBases, restorableWindow } from '../../../backups/window.js';

const dayMs = 86_400_000;
const walFileBytes = 16 * 1024 * 1024;
const born = Date.UTC(2027, 0, 1, 4);
const policy: RotationPolicy = { windowDays: 35, counts: { daily: 6, weekly: 4, monthly: 2, yearly: 0 } };
const filesADay = 10;
/** On this day the cluster is restored, within its repository, to the day of the fork. */
const restoreDay = 30;
const forkDay = 20;

const lsnOf = (number: number) =>
  `${Math.floor(number / 256).toString(16)}/${((number % 256) * walFileBytes + 40).toString(16)}`.toUpperCase();

/** Number of the WAL file that is begun at a day, in the timeline of that day. */
const numberAt = (day: number) => (day < restoreDay ? day : day - restoreDay + forkDay) * filesADay;

interface Life {
  bases: BaseBackup[];
  readonly wal: Map<string, Date>;
  readonly histories: Map<number, readonly TimelineParent[]>;
}

const catalogueOf = ({ bases, wal, histories }: Life): Catalogue => ({
  ...{ system: '1', bases, described: [], damaged: [], unfinished: [], wal, others: [], histories },
});

/** The WAL of a day, and the base backup at its begin, of which nothing but its place matters. */
function liveDay(life: Life, day: number): void {
  const [timeline, number, at] = [day < restoreDay ? 1 : 2, numberAt(day), new Date(born + day * dayMs)];
  const previous = restorableBases(catalogueOf(life)).at(-1);
  for (let each = 0; each < filesADay; each += 1) {
    life.wal.set(
      walFileName({ timeline, number: number + each }, walFileBytes),
      new Date(at.getTime() + each * 8_640_000),
    );
  }
  const startWal = walFileName({ timeline, number: number + 1 }, walFileBytes);
  const firstOf = firstPeriods('UTC', previous === undefined ? undefined : new Date(previous.startedAt), at);
  const place = { startWal, stopWal: startWal, startLsn: lsnOf(number + 1), stopLsn: lsnOf(number + 1), timeline };
  const moments = { startedAt: at.toISOString(), endedAt: new Date(at.getTime() + 600_000).toISOString() };
  life.bases.push({ id: String(day), walFileBytes, firstOf, ...moments, ...place } as unknown as BaseBackup);
}

describe('a cluster that was put back in time within its repository', () => {
  it('keeps every moment of the window, along the timeline that it is on', () => {
    const life: Life = { bases: [], wal: new Map(), histories: new Map() };
    const faults: string[] = [];
    for (let day = 0; day < 100; day += 1) {
      if (day === restoreDay)
        life.histories.set(2, [{ timeline: 1, until: lsnOf(forkDay * filesADay), leftAt: undefined }]);
      liveDay(life, day);
      const now = new Date(born + day * dayMs + 86_000_000);
      const plan = planRotation(life.bases, restorableBases(catalogueOf(life)), now, policy);
      life.bases = life.bases.filter((base) => !plan.expire.includes(base));
      for (const file of [...life.wal.keys()].filter((one) => !plan.isWalNeeded(one))) life.wal.delete(file);

      const catalogue = catalogueOf(life);
      const from = restorableWindow(catalogue)?.from.getTime() ?? Number.POSITIVE_INFINITY;
      if (from > Math.max(born + 600_000, now.getTime() - policy.windowDays * dayMs))
        faults.push(`day ${day}: from ${from}`);
      const newest = walFileName(
        { timeline: day < restoreDay ? 1 : 2, number: numberAt(day) + filesADay - 1 },
        walFileBytes,
      );
      if (reachOf(catalogue).at(-1)?.lastWal !== newest) faults.push(`day ${day}: it ends before ${newest}`);
      if (reachOf(catalogue).some(({ lastWal }) => lastWal === undefined))
        faults.push(`day ${day}: WAL of a base backup`);
    }
    expect(faults).toEqual([]);
    // The timeline that was left is gone with the window, but for the moments before the fork.
    expect(life.bases.filter(({ timeline }) => timeline === 1)).toEqual([]);
    expect(life.wal.size).toBeLessThan(45 * filesADay);
  });

  it('misses no WAL while the timeline that was left has come further than the new one', () => {
    const life: Life = { bases: [], wal: new Map(), histories: new Map() };
    for (let day = 0; day <= restoreDay; day += 1) {
      if (day === restoreDay)
        life.histories.set(2, [{ timeline: 1, until: lsnOf(forkDay * filesADay), leftAt: undefined }]);
      liveDay(life, day);
    }
    const gaps = () => [...new Set(reachOf(catalogueOf(life)).map(({ gap }) => gap))];
    expect(gaps()).toEqual([undefined]);
    // What is missing before the fork is missed all the same.
    const missing = walFileName({ timeline: 1, number: forkDay * filesADay - 1 }, walFileBytes);
    life.wal.delete(missing);
    expect(gaps()).toEqual([missing, undefined]);
  });

  it('has no moments between what it went back to and its first commit', () => {
    const text = `1\t${lsnOf(forkDay * filesADay)}\tbefore 2027-01-21 09:30:00.5+05:30\n`;
    const life: Life = { bases: [], wal: new Map(), histories: new Map([[2, parseHistory(Buffer.from(text))]]) };
    for (let day = 0; day <= restoreDay; day += 1) liveDay(life, day);
    const left = { from: new Date('2027-01-21T04:00:00.5Z'), until: new Date(born + restoreDay * dayMs) };
    expect(leftTimes(catalogueOf(life), 2)).toEqual([left]);
    // They can be restored all the same, by the name of the timeline that has them.
    const until = new Date(born + (restoreDay - 1) * dayMs + (filesADay - 1) * 8_640_000);
    expect(leftTimelines(catalogueOf(life))).toEqual([{ timeline: 1, from: left.from, until }]);
    // From a base backup of after the fork nothing that was left is met.
    expect(leftTimes(catalogueOf(life), 2, 2)).toEqual([]);
    const crash = parseHistory(Buffer.from('1\t0/3000000\tno recovery target specified\n'));
    expect(leftTimes(catalogueOf({ ...life, histories: new Map([[2, crash]]) }), 2)).toEqual([]);
  });

  it('can be restored up to the end of its base backup, also when its WAL was stored a moment before', () => {
    const life: Life = { bases: [], wal: new Map(), histories: new Map() };
    liveDay(life, 0);
    const endedAt = new Date(born + dayMs);
    life.bases = life.bases.map((base) => ({ ...base, endedAt: endedAt.toISOString() }));
    expect(restorableWindow(catalogueOf(life))).toEqual({ from: endedAt, until: endedAt });
  });
});
