import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readTimestamp } from '../../../cli/import/read-timestamp.js';
import { ZoneTime } from '../../../domain/input/zone-time.js';

const utc = new ZoneTime('UTC');
const amsterdam = new ZoneTime('Europe/Amsterdam');
const iso = (text: string, zone = utc) => {
  const read = readTimestamp(text, zone);
  return 'atMs' in read ? new Date(read.atMs).toISOString() : read.reason;
};

describe('readTimestamp', () => {
  it.each([
    ['2015-09-01 13:45:00', '2015-09-01T13:45:00.000Z'],
    ['2015-09-01T13:45', '2015-09-01T13:45:00.000Z'],
    ['2015-09-01', '2015-09-01T00:00:00.000Z'],
    ['2015-09-01 13:45:00.5', '2015-09-01T13:45:00.500Z'],
    ['2015-09-01T13:45:00.123456789Z', '2015-09-01T13:45:00.123Z'],
    ['2015-09-01T13:45:00+02:00', '2015-09-01T11:45:00.000Z'],
    ['2015-09-01T13:45:00-0530', '2015-09-01T19:15:00.000Z'],
    ['2015-09-01T13:45:00+02', '2015-09-01T11:45:00.000Z'],
    ['1441115100000', '2015-09-01T13:45:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  it.each(['', 'yesterday', '2015-02-29', '2015-13-01', '2015-09-01 25:00', '01/09/2015', '1441115100', '2015-09-01T'])(
    'refuses %j',
    (text) => {
      expect(readTimestamp(text, utc)).toHaveProperty('reason');
    },
  );

  it('takes times without an offset as those of the zone, summer and winter', () => {
    expect(iso('2026-07-01 12:00', amsterdam)).toBe('2026-07-01T10:00:00.000Z');
    expect(iso('2026-01-01 12:00', amsterdam)).toBe('2026-01-01T11:00:00.000Z');
    expect(iso('2026-01-01 12:00Z', amsterdam)).toBe('2026-01-01T12:00:00.000Z');
  });

  it('refuses a local time that clocks skipped, and means the first of one that comes twice', () => {
    expect(iso('2026-03-29 02:30', amsterdam)).toBe('clocks of the time zone skipped this local time');
    expect(iso('2026-10-25 02:30', amsterdam)).toBe('2026-10-25T00:30:00.000Z');
  });

  it('finds back each moment from its local time, or the earlier one of the same local time', () => {
    const zones = ['America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia', 'Europe/London'];
    const seconds = fc.integer({ min: Date.UTC(1975, 0, 1) / 1000, max: Date.UTC(2035, 0, 1) / 1000 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), seconds, (zone, second) => {
        const local = (atMs: number) =>
          new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(atMs);
        const read = readTimestamp(local(second * 1000), new ZoneTime(zone));
        if (!('atMs' in read)) throw new Error('refused');
        expect(read.atMs).toBeLessThanOrEqual(second * 1000);
        expect(second * 1000 - read.atMs).toBeLessThanOrEqual(3_600_000);
        expect(local(read.atMs)).toBe(local(second * 1000));
      }),
      { numRuns: 300 },
    );
  });
});
