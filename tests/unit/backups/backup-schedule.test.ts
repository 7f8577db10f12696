import { describe, expect, it } from '@jest/globals';
import { lastDue, nextDue } from '../../../backups/schedule/backup-schedule.js';

const year = { from: new Date('2027-01-01T12:00:00Z'), until: new Date('2028-01-01T12:00:00Z') };

/** All moments of a year, each found from the one before. */
function momentsOf(time: string, zone: string, timesADay: 1 | 2): Date[] {
  const moments: Date[] = [];
  for (let at = year.from; ; ) {
    at = nextDue({ time, zone, timesADay }, at);
    if (at > year.until) return moments;
    moments.push(at);
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localOf(zone: string, moment: Date): string {
  const format =
    formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  formats.set(zone, format);
  return format.format(moment);
}

describe('the schedule', () => {
  it.each(['Asia/Kolkata', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Europe/Berlin'])(
    'comes once on each local day in %s, at that time',
    (zone) => {
      const locals = momentsOf('04:00', zone, 1).map((moment) => localOf(zone, moment));
      expect(new Set(locals.map((local) => local.slice(0, 10))).size).toBe(365);
      expect(locals.length).toBe(365);
      expect(locals.filter((local) => !local.endsWith(' 04:00'))).toEqual([]);
    },
  );

  it.each([
    ['Europe/Berlin', '2027-03-28 03:00'],
    ['Australia/Lord_Howe', '2027-10-03 02:30'],
  ])('comes once in %s too at a time that is skipped or comes twice when clocks change', (zone, skipped) => {
    const locals = momentsOf('02:15', zone, 1).map((moment) => localOf(zone, moment));
    expect(new Set(locals.map((local) => local.slice(0, 10))).size).toBe(365);
    expect(locals.length).toBe(365);
    // One night has no 02:15, and takes the first quarter of an hour after it.
    expect(locals.filter((local) => !local.endsWith(' 02:15'))).toEqual([skipped]);
  });

  it('comes twice a day, twelve hours apart by local time', () => {
    const locals = momentsOf('16:30', 'Europe/Berlin', 2).map((moment) => localOf('Europe/Berlin', moment).slice(11));
    expect(locals.length).toBe(730);
    expect([...new Set(locals)].sort()).toEqual(['04:30', '16:30']);
  });
});

describe('the last moment that has come', () => {
  it('is the present one at its moment, and the one before right before', () => {
    const schedule = { time: '04:00', zone: 'Europe/Berlin', timesADay: 1 } as const;
    expect(lastDue(schedule, new Date('2027-03-28T02:00:00Z'))).toEqual(new Date('2027-03-28T02:00:00Z'));
    expect(lastDue(schedule, new Date('2027-03-28T01:59:59Z'))).toEqual(new Date('2027-03-27T03:00:00Z'));
  });
});
