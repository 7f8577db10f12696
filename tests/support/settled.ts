import type { RowChange } from '../../domain/change-row.js';

/** A change whose last statement has been answered: for tests that look at the row after it. */
export async function settled<Row, Before = Row>(
  change: Promise<Omit<RowChange<Row>, 'before'> & { readonly before: Before }>,
): Promise<{ before: Before; after: Row }> {
  const { before, after } = await change;
  return { before, after: await after };
}
