import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../db/package-root.js';
import type { PromiseResult } from '../posture/judge-promises.js';
import { defaultTrustPage, marksOf } from '../posture/trust-page.js';

/*
 * Renews `docs/trust.md`: the words from the promises, and what became of them from the file that is named, which holds
 * what `bulkhead posture --json` has printed of the embedded default; without a file it stays as it was.
 */
const page = join(packageRoot, 'docs', 'trust.md');
const [, , file] = process.argv;
const marks =
  file === undefined
    ? marksOf(readFileSync(page, 'utf8'))
    : (JSON.parse(readFileSync(file, 'utf8')) as { readonly promises: readonly PromiseResult[] }).promises;
writeFileSync(page, defaultTrustPage(marks));
