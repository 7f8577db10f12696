import { expect, it } from '@jest/globals';
import type { Check, Finding, Status } from '../../../posture/check.js';
import { checks } from '../../../posture/checks.js';
import type { PostureContext } from '../../../posture/posture-context.js';
import { runCheck } from '../../../posture/run-posture.js';
import { until } from '../../support/bulkhead-process.js';
import type { PostureWorld } from './posture-world.js';

/** What was changed, and how it is undone. */
export interface Change {
  /** What checks look with meanwhile, where that is another place. */
  readonly context?: Partial<PostureContext>;
  repair(): unknown;
}

/** How a property is broken from outside of the product. */
export interface Breakage {
  readonly check: string;
  /** What is found of the embedded default, where that is not PASS: what the property needs is not there. */
  readonly without?: readonly Status[];
  /** Brings what the property needs. */
  readonly provide?: (world: PostureWorld) => Change | Promise<Change>;
  /** Breaks it; missing where the property cannot be had on the machine of a test. */
  readonly breakIt?: (world: PostureWorld, context: PostureContext) => Change | Promise<Change>;
  /** What the evidence of the failure says. */
  readonly says: RegExp;
}

/** Breaks by statements of a superuser. */
export function bySql(
  check: string,
  database: 'operational' | 'vault',
  [breaking, repairing]: readonly [string, string],
  says: RegExp,
): Breakage {
  return {
    check,
    says,
    breakIt: async ({ admin }) => {
      await admin[database].unsafe(breaking).simple();
      return { repair: () => admin[database].unsafe(repairing).simple() };
    },
  };
}

/** For each row a test: what is found as it is, FAIL when it is broken, and PASS again when it is repaired. */
export function testBreakages(rows: readonly Breakage[], world: () => PostureWorld): void {
  it.each(rows.map((row) => [row.check, row] as const))('%s', async (id, row) => {
    const check = checks.find((one) => one.id === id)!;
    const plain = world().context;
    if (row.without !== undefined) {
      const found = await look(check, plain);
      expect(row.without).toContain(found.status);
      if (row.provide === undefined && row.breakIt === undefined) expect(found.evidence).toMatch(row.says);
    }
    const provided = await row.provide?.(world());
    const context = { ...plain, now: new Date(), ...provided?.context };
    try {
      if (row.without === undefined || provided !== undefined) await reach(check, context, 'PASS');
      const broken = await row.breakIt?.(world(), context);
      if (broken === undefined) return;
      try {
        expect((await reach(check, { ...context, ...broken.context }, 'FAIL')).evidence).toMatch(row.says);
      } finally {
        await broken.repair();
      }
      await reach(check, context, 'PASS');
    } finally {
      await provided?.repair();
    }
  });
}

function look(check: Check, context: PostureContext): Promise<Finding> {
  return runCheck(check, { ...context, now: context.now });
}

/** Looks until a status is there: what was changed from outside may take a moment to be in force. */
async function reach(check: Check, context: PostureContext, status: Status): Promise<Finding> {
  let last: Finding | undefined;
  return until(`${check.id} to find ${status}`, async () => {
    last = await look(check, context);
    return last.status === status ? last : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}: found ${last?.status}, ${last?.evidence}`);
  });
}
