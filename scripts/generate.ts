import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../db/package-root.js';
import { generateTypes } from './codegen.js';
import { printedSchema } from './print-schema.js';

for (const [file, content] of await generateTypes()) writeFileSync(join(packageRoot, file), content);
writeFileSync(join(packageRoot, 'schema.graphql'), printedSchema());
