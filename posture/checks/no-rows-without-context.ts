import { rowsWithoutContext } from '../../db/probe-context.js';
import { type Check, fail, passUnless } from '../check.js';
import { readableTables } from '../system/readable-tables.js';

/** A connection of a role that runs sees no row of any organization until a signed context was entered. */
export const noRowsWithoutContext: Check = {
  id: 'no-rows-without-context',
  title: 'Without a signed context no row is visible',
  look: async (context) => {
    const tables = await readableTables(context);
    if (tables.length === 0) return fail('the worker can read no table: there was nothing to try');
    const open = await rowsWithoutContext(context.rows, tables);
    return passUnless(
      open.map((table) => `${table} shows rows`),
      `${tables.length} tables showed nothing`,
    );
  },
};
