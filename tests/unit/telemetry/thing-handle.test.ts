import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { issueThingHandle, requireHandlesOf, type ThingHandle } from '../../../telemetry/thing-handle.js';

const orgId = randomUUID();
const power = { id: 'mdef_power', name: 'power', dataType: 'DOUBLE', defaultAggregation: 'AVG' } as const;

describe('issueThingHandle', () => {
  it('makes a handle that nobody can change, not even by its parts', () => {
    const metrics = [{ ...power }];
    const handle = issueThingHandle({ orgId, thingId: randomUUID(), metrics });
    metrics.length = 0;
    expect(handle.metrics).toEqual([power]);
    expect([handle, handle.metrics, handle.metrics[0]].every(Object.isFrozen)).toBe(true);
  });

  it('refuses what no row can be', () => {
    expect(() => issueThingHandle({ orgId, thingId: 'x', metrics: [] })).toThrow('UUID');
    const wrong = { ...power, dataType: 'STRING' } as const;
    expect(() => issueThingHandle({ orgId, thingId: randomUUID(), metrics: [wrong] })).toThrow('does not exist');
  });
});

describe('requireHandlesOf', () => {
  it('lets handles of the organization pass', () => {
    const handle = issueThingHandle({ orgId, thingId: randomUUID(), metrics: [power] });
    expect(() => requireHandlesOf({ orgId }, [handle])).not.toThrow();
  });

  it('refuses a handle of another organization and one that was not issued', () => {
    const handle = issueThingHandle({ orgId, thingId: randomUUID(), metrics: [power] });
    expect(() => requireHandlesOf({ orgId: randomUUID() }, [handle])).toThrow('another organization');
    const forged = { ...handle } as ThingHandle;
    expect(() => requireHandlesOf({ orgId }, [handle, forged])).toThrow('not made by issueThingHandle');
  });
});
