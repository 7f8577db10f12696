import { join } from 'node:path';
import { packageRoot } from '../db/package-root.js';

/** Folder of the benchmark: its packages, its peers and what it writes. */
export const benchFolder = join(packageRoot, 'bench');

/** Where results are written. */
export const resultsFolder = join(benchFolder, 'results');

/** Default folder of seeded databases and logs; ignored by git. */
export const defaultDataFolder = join(benchFolder, '.data');
