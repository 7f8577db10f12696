import { lexicographicSortSchema, printSchema } from 'graphql';
import { createSchema } from '../server/schema.js';

/** The API as SDL, sorted: what `schema.graphql` holds. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(createSchema()))}\n`;
}
