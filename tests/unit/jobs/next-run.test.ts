import { describe, expect, it } from '@jest/globals';
import { parseCronItem } from 'graphile-worker';
import { nextRun } from '../../../jobs/next-run.js';

const next = (cron: string, after: string) =>
  nextRun(parseCronItem({ task: 'x', match: cron }), new Date(after))?.toISOString();

describe('the next run', () => {
  it.each([
    ['* * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00.000Z'],
    ['*/10 * * * *', '2026-01-01T00:09:59.999Z', '2026-01-01T00:10:00.000Z'],
    ['*/10 * * * *', '2026-01-01T00:10:00Z', '2026-01-01T00:20:00.000Z'],
    ['17 * * * *', '2026-12-31T23:30:00Z', '2027-01-01T00:17:00.000Z'],
    // Where clocks are changed, days in UTC stay as they are.
    ['30 1 * * *', '2026-03-28T02:00:00Z', '2026-03-29T01:30:00.000Z'],
    ['0 3 * * 1', '2026-01-01T00:00:00Z', '2026-01-05T03:00:00.000Z'],
    ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 30 2 *', '2026-01-01T00:00:00Z', undefined],
  ])('of %s after %s is %s', (cron, after, expected) => {
    expect(next(cron, after)).toBe(expected);
  });
});
