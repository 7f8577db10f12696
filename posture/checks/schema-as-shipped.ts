import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dumpSchema, schemaDumps } from '../../db/dump-schema.js';
import { type Check, passUnless } from '../check.js';

/** Tables, policies, grants, functions and triggers are those of this version, line by line. */
export const schemaAsShipped: Check = {
  id: 'schema-as-shipped',
  title: 'Tables, policies, grants and functions are those of this version',
  canWait: true,
  look: async (context) => {
    const faults: string[] = [];
    for (const { kind, file } of schemaDumps) {
      const live = await dumpSchema((statement) => context[kind].ask<{ text: string }>(statement));
      await context[kind].ask('reset search_path');
      faults.push(...differences(readFileSync(join(context.program, file), 'utf8'), live, file));
    }
    return passUnless(faults, 'the dumps of both databases are those of this version');
  },
};

/** What each block that was added, changed or taken away begins with. */
function differences(shipped: string, live: string, file: string): string[] {
  const blocks = (text: string) => new Set(text.split('\n\n'));
  const [before, now] = [blocks(shipped), blocks(live)];
  const title = (block: string) => block.split('\n')[0]?.slice(0, 60) ?? '';
  const changed = [...now].filter((block) => !before.has(block)).map((block) => `not as in ${file}: ${title(block)}`);
  const missing = [...before].filter((block) => !now.has(block)).map((block) => `missing of ${file}: ${title(block)}`);
  return changed.length > 0 ? changed : missing;
}
