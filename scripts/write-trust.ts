import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../db/package-root.js';
import type { PromiseResult } from '../posture/judge-promises.js';
import { defaultTrustPage } from '../posture/trust-page.js';

// Standard input is what `bulkhead posture --json` has printed of the embedded default.
const { promises } = JSON.parse(readFileSync(0, 'utf8')) as { readonly promises: readonly PromiseResult[] };
writeFileSync(join(packageRoot, 'docs', 'trust.md'), defaultTrustPage(promises));
