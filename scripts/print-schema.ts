import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { packageRoot } from '../db/package-root.js';
import { createSchema } from '../server/schema.js';

/** The API as SDL, sorted: what `schema.graphql` holds. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(createSchema()))}\n`;
}

/** Writes `schema.graphql`. */
export function writePrintedSchema(): void {
  writeFileSync(join(packageRoot, 'schema.graphql'), printedSchema());
}
