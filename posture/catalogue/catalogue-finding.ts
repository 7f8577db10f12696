import { type Finding, passUnless } from '../check.js';
import type { PostureContext } from '../posture-context.js';

/**
 * Asks databases for faults: rows with a column `fault`, which names objects of the catalogue and no data.
 * @param evidence what holds when there is none
 */
export async function catalogueFinding(
  context: PostureContext,
  databases: readonly ('operational' | 'vault')[],
  faults: string,
  evidence: string,
): Promise<Finding> {
  const found: string[] = [];
  for (const database of databases) {
    found.push(...(await context[database].ask<{ fault: string }>(faults)).map(({ fault }) => fault));
  }
  return passUnless(found, evidence);
}
