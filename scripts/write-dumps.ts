import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dumpSchema, schemaDumps } from '../db/dump-schema.js';
import { packageRoot } from '../db/package-root.js';
import { connectAsAdmin } from '../tests/support/admin-connection.js';
import { startTestCluster, templateNames } from '../tests/support/test-cluster.js';

const cluster = await startTestCluster();
try {
  for (const { kind, file } of schemaDumps) {
    const sql = connectAsAdmin(cluster.description, templateNames[kind]);
    writeFileSync(join(packageRoot, file), await dumpSchema((statement) => sql.unsafe(statement)));
    await sql.end();
  }
} finally {
  await cluster.stop();
}
