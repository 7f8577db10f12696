import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Bin, countBins, requireBin } from '../../../telemetry/bin.js';

describe('requireBin', () => {
  it.each<Bin>([
    { unit: 'MINUTE', value: 1_440 },
    { unit: 'HOUR', value: 744 },
    { unit: 'DAY', value: 366, timeZone: 'America/Argentina/Buenos_Aires' },
    { unit: 'DAY', value: 1, timeZone: 'UTC' },
  ])('takes %j', (bin) => {
    expect(() => requireBin(bin)).not.toThrow();
  });

  it.each<Bin>([
    { unit: 'MINUTE', value: 0 },
    { unit: 'MINUTE', value: 1.5 },
    { unit: 'MINUTE', value: 1_441 },
    { unit: 'HOUR', value: 745 },
    { unit: 'DAY', value: 367 },
    { unit: 'HOUR', value: 1, timeZone: 'Europe/Berlin' },
    { unit: 'DAY', value: 1, timeZone: 'CET' },
    { unit: 'DAY', value: 1, timeZone: '+02:00' },
    { unit: 'DAY', value: 1, timeZone: 'Europe/Nowhere' },
    { unit: 'DAY', value: 1, timeZone: "Europe/Berlin' --" },
  ])('refuses %j', (bin) => {
    expect(() => requireBin(bin)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });
});

describe('countBins', () => {
  it('counts each bin that a window of minutes or hours touches', () => {
    const bins = fc.record({
      unit: fc.constantFrom('MINUTE' as const, 'HOUR' as const),
      value: fc.integer({ min: 1, max: 90 }),
    });
    const instants = fc.integer({ min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(bins, instants, fc.integer({ min: 1, max: 20_000_000 }), (bin, startMs, lengthMs) => {
        const widthMs = bin.value * (bin.unit === 'MINUTE' ? 60_000 : 3_600_000);
        let touched = 0;
        let binStartMs = startMs - (((startMs % widthMs) + widthMs) % widthMs);
        for (; binStartMs < startMs + lengthMs; binStartMs += widthMs) touched += 1;
        expect(countBins(bin, { startMs, endMs: startMs + lengthMs })).toBe(touched);
      }),
    );
  });

  it('is zero for a window that has expired', () => {
    expect(countBins({ unit: 'DAY', value: 1 }, { startMs: 10, endMs: 10 })).toBe(0);
  });
});
