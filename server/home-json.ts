import type { z } from 'zod';
import { startFault } from '../db/embedded/start-fault.js';
import { readPrivateFile } from './private-file.js';

/**
 * Reads a private JSON file of home; undefined when there is none.
 * @throws BulkheadError UNAVAILABLE when it is damaged or other users can read it
 */
export function readHomeJson<Schema extends z.ZodType>(file: string, schema: Schema): z.infer<Schema> | undefined {
  const content = readPrivateFile(file);
  if (content === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(content.toString('utf8')));
  } catch (error) {
    throw startFault(`${file} is damaged: restore it from a copy of home.`, error);
  }
}

/** JSON as it is written into home: for people too. */
export function homeJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
