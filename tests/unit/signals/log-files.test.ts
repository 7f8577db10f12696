import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { logFiles } from '../../../signals/log-files.js';
import { until } from '../../support/bulkhead-process.js';

const directory = mkdtempSync(join(tmpdir(), 'bulkhead-logs-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('keeps one private file a day, for as many days as it is told', async () => {
  for (const name of ['worker-2026-03-01.jsonl', 'worker-2026-03-02.jsonl', 'gateway-2026-03-03.jsonl', 'notes.txt']) {
    writeFileSync(join(directory, name), 'kept before\n');
  }
  let now = Date.parse('2026-03-09T23:59:59Z');
  const destination = logFiles('gateway', { directory, days: 7 }, () => now);
  const log = pino({ base: null }, destination);
  // Files are opened beside the work of the process: one may come into being only after it was asked for.
  const contentOf = (day: string) => {
    const file = `gateway-2026-03-${day}.jsonl`;
    return readdirSync(directory).includes(file) ? readFileSync(join(directory, file), 'utf8') : '';
  };
  log.info('before midnight');
  await until('the line', () => (contentOf('09').includes('before midnight') ? true : undefined));
  expect(readdirSync(directory).sort()).toEqual([
    'gateway-2026-03-03.jsonl',
    'gateway-2026-03-09.jsonl',
    'notes.txt',
    'worker-2026-03-02.jsonl',
  ]);

  now += 2000;
  log.info('after midnight');
  await until('the next line', () => (contentOf('10').includes('after midnight') ? true : undefined));
  expect(contentOf('09')).not.toContain('after midnight');
  expect(readdirSync(directory)).not.toContain('worker-2026-03-02.jsonl');
  expect(readdirSync(directory)).toContain('gateway-2026-03-03.jsonl');
  expect(statSync(join(directory, 'gateway-2026-03-10.jsonl')).mode & 0o777).toBe(0o600);
  destination.end();
});
