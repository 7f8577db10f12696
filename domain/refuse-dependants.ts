import { BulkheadError } from '../errors/bulkhead-error.js';

/**
 * Refuses to delete what other rows depend on.
 * @param dependants number of dependent rows by their noun in the plural
 * @throws BulkheadError CONFLICT that counts them
 */
export function refuseDependants(noun: string, dependants: Readonly<Record<string, string | undefined>>): void {
  const present = Object.entries(dependants)
    .map(([name, count]) => ({ name, count: Number(count ?? 0) }))
    .filter(({ count }) => count > 0);
  if (present.length === 0) return;
  const list = present.map(({ name, count }) => `${count} ${name}`).join(', ');
  throw new BulkheadError('CONFLICT', `The ${noun} is not empty: ${list}`, {
    errors: present.map(({ name, count }) => ({ field: 'input.id', reason: `has ${count} ${name}` })),
  });
}
