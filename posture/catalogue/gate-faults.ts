import { type Finding, passUnless } from '../check.js';
import type { PostureContext } from '../posture-context.js';
import { type GateName, gateQueries } from './gate-queries.js';

/** Asks queries of the gate of both databases; every row of an answer is a fault. */
export async function gateFinding(
  { operational, vault }: PostureContext,
  names: readonly GateName[],
  evidence: string,
): Promise<Finding> {
  const faults = new Set<string>();
  for (const name of names) {
    for (const catalogue of [operational, vault]) {
      for (const { fault } of await catalogue.ask<{ fault: string }>(gateQueries[name].sql)) faults.add(fault);
    }
  }
  return passUnless([...faults], evidence);
}
