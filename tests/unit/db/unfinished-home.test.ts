import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { isUnfinished, markFinished, markUnfinished, unfinishedMark } from '../../../db/embedded/unfinished-home.js';

const home = mkdtempSync(join(tmpdir(), 'bulkhead-unfinished-'));
afterAll(() => rmSync(home, { recursive: true }));

it('takes a directory for that of a killed restore by the very file that a restore writes', () => {
  const mark = join(home, unfinishedMark);
  expect(isUnfinished(home)).toBe(false);
  mkdirSync(mark);
  expect(isUnfinished(home)).toBe(false);
  rmSync(mark, { recursive: true });
  writeFileSync(mark, 'mine');
  expect(isUnfinished(home)).toBe(false);
  rmSync(mark);
  markUnfinished(home);
  expect(isUnfinished(home)).toBe(true);
  markFinished(home);
  expect(isUnfinished(home)).toBe(false);
});
