import { describe, expect, it } from '@jest/globals';
import { firstPeriods } from '../../../backups/rotation/periods.js';
import { type PlannedBase, planRotation, type RotationPolicy } from '../../../backups/rotation/plan-rotation.js';
import { nextDue } from '../../../backups/schedule/backup-schedule.js';
import { walFileName, walPlaceOf } from '../../../backups/wal/wal-file.js';

const dayMs = 86_400_000;
const walFileBytes = 16 * 1024 * 1024;
const defaults: RotationPolicy = { windowDays: 35, counts: { daily: 6, weekly: 4, monthly: 2, yearly: 0 } };

/** WAL of a quiet cluster: one file an hour, numbered by the hours since 1970. */
const walAt = (moment: number) => walFileName({ timeline: 1, number: Math.floor(moment / 3_600_000) }, walFileBytes);

interface Night {
  readonly now: Date;
  readonly bases: readonly PlannedBase[];
  readonly plan: ReturnType<typeof planRotation<PlannedBase>>;
}

/** Lives through years: a base backup a run unless it fails, and the rotation after each. */
function* live(
  years: number,
  policy: RotationPolicy,
  options: { zone?: string; timesADay?: 1 | 2; fails?: (night: number) => boolean } = {},
): Generator<Night> {
  const { zone = 'Europe/Berlin', timesADay = 1, fails = () => false } = options;
  const end = Date.UTC(2027 + years, 0, 1);
  let bases: readonly PlannedBase[] = [];
  let now = new Date(Date.UTC(2027, 0, 1));
  for (let night = 1; now.getTime() < end; night += 1) {
    now = nextDue({ time: '04:00', zone, timesADay }, now);
    if (fails(night)) {
      yield { now, bases, plan: planRotation(bases, bases, now, policy) };
      continue;
    }
    const previous = bases.at(-1);
    const ended = now.getTime() + 600_000;
    bases = [
      ...bases,
      {
        id: String(night),
        startedAt: now.toISOString(),
        endedAt: new Date(ended).toISOString(),
        firstOf: firstPeriods(zone, previous === undefined ? undefined : new Date(previous.startedAt), now),
        startWal: walAt(now.getTime()),
        stopWal: walAt(ended),
        walFileBytes,
      },
    ];
    const plan = planRotation(bases, bases, new Date(ended), policy);
    bases = plan.keep.map(({ base }) => base);
    yield { now: new Date(ended), bases, plan };
  }
}

const countOf = ({ plan }: Night, reason: string) =>
  plan.keep.filter(({ reasons }) => reasons.includes(reason as never)).length;

/** Days since the oldest base backup that is kept for a reason was taken. */
function oldestDays({ plan, now }: Night, reason: string): number {
  const oldest = plan.keep.find(({ reasons }) => reasons.includes(reason as never));
  return oldest === undefined ? 0 : (now.getTime() - Date.parse(oldest.base.startedAt)) / dayMs;
}

/** What holds after every night: the window is covered by a base backup and all WAL since, and the newest is there. */
function faultsOf({ now, bases, plan }: Night, born: number): string[] {
  const windowStart = now.getTime() - 35 * dayMs;
  const anchor = bases.findLast(({ endedAt }) => Date.parse(endedAt) <= windowStart);
  const first = Date.parse((anchor ?? bases[0])?.startedAt ?? now.toISOString());
  const needed = plan.keep.flatMap(({ base }) => [base.startWal, base.stopWal]);
  for (let at = first; at <= now.getTime(); at += dayMs) needed.push(walAt(at));
  return [
    ...(anchor === undefined && born <= windowStart
      ? [`no base backup before the window of ${now.toISOString()}`]
      : []),
    ...needed.filter((file) => !plan.isWalNeeded(file)).map((file) => `WAL ${file} goes at ${now.toISOString()}`),
  ];
}

/** Local day of the week and of the month, some two hours ahead of UTC. */
function localDay(base: PlannedBase): { weekday: number; day: number } {
  const local = new Date(Date.parse(base.startedAt) + 2 * 3_600_000);
  return { weekday: local.getUTCDay(), day: local.getUTCDate() };
}

describe('the rotation', () => {
  it('keeps six of Sunday to Friday, four of Saturdays, two of the first of a month, for eight years', () => {
    const ages = { daily: 0, weekly: 0, monthly: 0 };
    const faults: unknown[] = [];
    let nights = 0;
    for (const night of live(8, defaults)) {
      nights += 1;
      faults.push(...faultsOf(night, Date.UTC(2027, 0, 1, 4)));
      if (night.bases.length > 15) faults.push(`${night.bases.length} base backups`);
      if (nights <= 62) continue;
      for (const { base, reasons } of night.plan.keep) {
        const { weekday, day } = localDay(base);
        const expected = day === 1 ? 'monthly' : weekday === 6 ? 'weekly' : 'daily';
        const wrong = reasons.filter((reason) => reason in ages && reason !== expected);
        if (wrong.length > 0) faults.push(`${base.startedAt} as ${wrong}`);
      }
      const counts = ['daily', 'weekly', 'monthly'].map((each) => countOf(night, each)).join();
      if (counts !== '6,4,2') faults.push(`${counts} at ${night.now.toISOString()}`);
      for (const each of ['daily', 'weekly', 'monthly'] as const) {
        ages[each] = Math.max(ages[each], oldestDays(night, each));
      }
    }
    expect(faults).toEqual([]);
    expect(nights).toBe(2923);
    // A daily one is kept for a week, a weekly one for a month, a monthly one for two.
    expect(Math.floor(ages.daily)).toBeGreaterThanOrEqual(6);
    expect(Math.floor(ages.weekly)).toBeGreaterThanOrEqual(27);
    expect(Math.floor(ages.monthly)).toBeGreaterThanOrEqual(58);
  });

  it('loses no moment of the window through nights that fail, and never the newest', () => {
    // Every fifth night, a week of each quarter, and two months on end.
    const fails = (night: number) => night % 5 === 0 || night % 91 < 7 || (night > 700 && night < 760);
    const faults: unknown[] = [];
    let born = Number.POSITIVE_INFINITY;
    let newest = '';
    for (const night of live(4, defaults, { fails })) {
      born = Math.min(born, Date.parse(night.bases[0]?.endedAt ?? '2100-01-01'));
      faults.push(...faultsOf(night, born));
      const now = night.bases.at(-1)?.id ?? '';
      if (Number(now) < Number(newest)) faults.push(`the newest went at ${night.now.toISOString()}`);
      newest = now;
    }
    expect(faults).toEqual([]);
    const gone = [...live(1, defaults, { fails: (night) => night > 100 })].at(-1);
    const weekly = gone?.plan.keep.filter(({ reasons }) => reasons.includes('weekly'));
    expect(weekly?.length).toBe(4);
  });

  it('gives the place of a first of a month that failed to the night after', () => {
    const nights = [...live(1, defaults, { zone: 'UTC', fails: (night) => night === 60 })];
    const monthly = nights[65]?.plan.keep.filter(({ reasons }) => reasons.includes('monthly'));
    expect(monthly?.map(({ base }) => base.startedAt.slice(0, 10))).toEqual(['2027-02-01', '2027-03-02']);
  });

  it('keeps months for a year and years for seven, thirty days, and two a day', () => {
    const long = { windowDays: 35, counts: { daily: 6, weekly: 4, monthly: 12, yearly: 7 } };
    const last = [...live(8, long)].at(-1);
    if (last === undefined) throw new Error('no nights');
    expect(['monthly', 'yearly'].map((each) => countOf(last, each))).toEqual([12, 7]);
    const thirty = { windowDays: 35, counts: { ...defaults.counts, daily: 30, weekly: 0, monthly: 0 } };
    for (const night of [...live(1, thirty)].slice(40)) {
      expect([countOf(night, 'daily'), Math.round(oldestDays(night, 'daily'))]).toEqual([30, 29]);
    }
    const twice = [...live(1, defaults, { timesADay: 2 })].slice(80);
    expect(twice.flatMap((night) => faultsOf(night, Date.UTC(2027, 0, 1, 4)))).toEqual([]);
    expect(Math.min(...twice.map((night) => countOf(night, 'extra')))).toBeGreaterThanOrEqual(6);
  });
});

describe('names of WAL files', () => {
  it('are those of PostgreSQL, across the end of a part', () => {
    expect(walFileName({ timeline: 3, number: 0x1ff }, walFileBytes)).toBe('0000000300000001000000FF');
    expect(walFileName({ timeline: 3, number: 0x200 }, walFileBytes)).toBe('000000030000000200000000');
    expect(walPlaceOf('0000000A0000000200000001', 64 * 1024 * 1024)).toEqual({ timeline: 10, number: 129 });
  });
});
