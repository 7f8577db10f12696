import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { selectMetrics } from '../../../telemetry/select-metrics.js';
import { metric, newThing } from '../../support/telemetry-things.js';

const [soc, energy, mode] = [metric('soc', 'INT'), metric('Energy', 'DOUBLE', 'SUM'), metric('mode', 'STRING')];
const orgId = randomUUID();
const things = [newThing(orgId, [soc, energy]), newThing(orgId, [energy, mode])];

describe('selectMetrics', () => {
  it('takes all of them where none is asked for', () => {
    expect(selectMetrics(things, undefined)).toEqual([soc, energy, mode]);
  });

  it('takes ids and names in any case, each once, in the order asked for', () => {
    expect(selectMetrics(things, ['MODE', 'mdef_energy', 'energy', 'Soc'])).toEqual([mode, energy, soc]);
    expect(selectMetrics(things, [])).toEqual([]);
  });

  it('takes every metric of a name that types of several versions share, and one of them by its id', () => {
    const soc2 = { ...metric('SoC', 'DOUBLE', 'AVG'), id: 'mdef_soc2' };
    const shared = [...things, newThing(orgId, [soc2]), newThing(orgId, [soc])];
    expect(selectMetrics(shared, ['soc'])).toEqual([soc, soc2]);
    expect(selectMetrics(shared, ['mode', 'SOC', 'mdef_soc2'])).toEqual([mode, soc, soc2]);
    expect(selectMetrics(shared, ['mdef_soc2'])).toEqual([soc2]);
  });

  it('refuses a metric that none of the things has, with its place', () => {
    expect(() => selectMetrics([things[0]!], ['soc', 'mode'])).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_METRIC', details: { field: 'metricIds[1]' } }),
    );
  });
});
