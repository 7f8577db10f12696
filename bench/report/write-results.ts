import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resultsFolder } from '../paths.js';
import { plot } from './plot.js';
import type { BenchResult } from './results.js';
import { textReport } from './text-report.js';

/**
 * Writes a run to `bench/results/<date>-<mode>` as JSON, Markdown and a plot.
 * @returns path without the ending
 */
export function writeResults(result: BenchResult): string {
  mkdirSync(resultsFolder, { recursive: true });
  const base = join(resultsFolder, `${result.startedAt.slice(0, 10)}-${result.mode}`);
  writeFileSync(`${base}.json`, `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(`${base}.md`, `# Benchmark\n\n\`\`\`text\n${textReport(result)}\`\`\`\n`);
  writeFileSync(`${base}.svg`, plot(result));
  return base;
}

/**
 * Writes another document to `bench/results/<date>-<kind>.json`.
 * @returns its path
 */
export function writeDocument(
  kind: 'soak' | 'scale' | 'recovery' | 'disturbance' | 'empty-machine',
  document: { readonly startedAt: string },
): string {
  mkdirSync(resultsFolder, { recursive: true });
  const file = join(resultsFolder, `${document.startedAt.slice(0, 10)}-${kind}.json`);
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
  return file;
}
