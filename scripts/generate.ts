import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prometheusRules } from '../alerts/prometheus-rules.js';
import { packageRoot } from '../db/package-root.js';
import { generateTypes } from './codegen.js';
import { printedSchema } from './print-schema.js';

for (const [file, content] of await generateTypes()) writeFileSync(join(packageRoot, file), content);
writeFileSync(join(packageRoot, 'schema.graphql'), printedSchema());
writeFileSync(join(packageRoot, 'deploy', 'prometheus', 'alerts.yml'), prometheusRules());
