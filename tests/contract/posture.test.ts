import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../db/package-root.js';
import { checks } from '../../posture/checks.js';
import { judgePromises } from '../../posture/judge-promises.js';
import { promises } from '../../posture/promises.js';
import { databaseBreakages } from '../integration/posture/breakages-of-database.js';
import { machineBreakages } from '../integration/posture/breakages-of-machine.js';

const ids = checks.map(({ id }) => id);

describe('the promises', () => {
  it('have numbers without a gap, each once', () => {
    const numbers = promises.map(({ id }) => Number(/^P(\d{3})$/.exec(id)?.[1])).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 180 }, (_, at) => at + 1));
  });

  it('rest on checks that there are, or say why they are not provided', () => {
    const unfounded = promises.filter(({ checks: rests, reason }) => rests.length === 0 && reason === undefined);
    expect(unfounded).toEqual([]);
    expect(promises.flatMap((promised) => promised.checks).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('name tests that there are', () => {
    const missing = promises.filter(({ proof }) => proof !== undefined && !existsSync(join(packageRoot, proof)));
    expect(missing.map(({ id, proof }) => `${id} ${proof}`)).toEqual([]);
  });

  it('are as good as the worst of their checks, and never better than they say', () => {
    const all = (status: 'PASS' | 'FAIL') => judgePromises(ids.map((check) => ({ check, status })));
    expect(
      all('PASS')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(promises.map(({ id }) => id).sort());
    const unprovided = promises.filter(({ reason }) => reason !== undefined).map(({ id }) => id);
    const better = all('PASS').filter(({ id, status }) => (status === 'PASS') === unprovided.includes(id));
    expect(better).toEqual([]);
    const resting = promises.filter((promised) => promised.checks.length > 0).map(({ id }) => id);
    const worse = all('FAIL').filter(({ id, status }) => (status === 'FAIL') !== resting.includes(id));
    expect(worse).toEqual([]);
  });
});

describe('the checks', () => {
  it('are one a file, each once, and each is rested on', () => {
    const files = readdirSync(join(packageRoot, 'posture', 'checks')).map((name) => name.replace(/\.ts$/, ''));
    expect([...ids].sort()).toEqual(files.sort());
    const rested = new Set(promises.flatMap((promised) => promised.checks));
    expect(ids.filter((id) => !rested.has(id))).toEqual([]);
  });

  it('are each broken by a test', () => {
    const broken = new Set([...databaseBreakages, ...machineBreakages].map(({ check }) => check));
    expect([...broken].sort()).toEqual([...ids].sort());
  });
});
