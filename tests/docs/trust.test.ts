import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../db/package-root.js';
import { checks } from '../../posture/checks.js';
import { judgePromises } from '../../posture/judge-promises.js';
import { promises } from '../../posture/promises.js';
import { defaultTrustPage, marksOf, trustPage } from '../../posture/trust-page.js';

describe('docs/trust.md', () => {
  const text = readFileSync(join(packageRoot, 'docs', 'trust.md'), 'utf8');
  const marks = marksOf(text);

  it('has a mark for each promise, and the words of the promises as they are now', () => {
    expect(marks.map(({ id }) => id).sort()).toEqual(promises.map(({ id }) => id).sort());
    expect(text).toBe(defaultTrustPage(marks));
  });

  it('says of nothing that is not provided that it passes', () => {
    const passing = marks.filter(({ status }) => status === 'PASS').map(({ id }) => id);
    expect(promises.filter(({ id, reason }) => reason !== undefined && passing.includes(id))).toEqual([]);
  });
});

describe('/trust', () => {
  it('says nothing of now from a run of more than 3 hours ago', () => {
    const endedAt = new Date('2026-11-22T10:00:00Z');
    const passing = judgePromises(checks.map(({ id }) => ({ check: id, status: 'PASS' })));
    const at = (time: string) => trustPage({ endedAt, promises: passing }, new Date(`2026-11-22T${time}Z`));
    expect(at('12:59:00')).toContain('**P003** PASS');
    expect(at('13:01:00')).toContain('**P003** NOT LOOKED AT');
    expect(at('13:01:00')).not.toMatch(/\*\* PASS|\d+ pass/);
  });
});
