import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { weekStartMs } from '../../../telemetry/ensure-weeks.js';

describe('weekStartMs', () => {
  it('is the last Monday 00:00 UTC at or before any instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e13, max: 1e13 }), (atMs) => {
        const monday = new Date(weekStartMs(atMs));
        expect(monday.getUTCDay()).toBe(1);
        expect(monday.getTime() % 86_400_000 === 0).toBe(true);
        expect(atMs - monday.getTime()).toBeGreaterThanOrEqual(0);
        expect(atMs - monday.getTime()).toBeLessThan(7 * 86_400_000);
      }),
    );
  });
});
