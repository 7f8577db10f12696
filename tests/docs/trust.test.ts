import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../db/package-root.js';
import { promises } from '../../posture/promises.js';
import { defaultTrustPage, marksOf } from '../../posture/trust-page.js';

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
