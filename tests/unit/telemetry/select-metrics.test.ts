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

  it('refuses a metric that none of the things has, with its place', () => {
    expect(() => selectMetrics([things[0]!], ['soc', 'mode'])).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_METRIC', details: { field: 'metrics[1]' } }),
    );
  });
});
