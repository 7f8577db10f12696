import { type Check, notProvided, passUnless } from '../check.js';
import { asSystem } from '../system/as-system.js';

/** There are as many telemetry databases as organizations that have one, and each is there. */
export const telemetryDatabases: Check = {
  id: 'telemetry-databases',
  title: 'Each organization has a telemetry database of its own',
  look: async (context) => {
    const names: string[] = [];
    let waiting = 0;
    let after: string | undefined;
    for (;;) {
      const page = await asSystem(
        context,
        (tx) => tx.sql<{ orgId: string; state: string }[]>`
          select org_id as "orgId", telemetry_state as state from platform.list_organizations(${after ?? null}, 500)`,
      );
      for (const { orgId, state } of page) {
        if (state === 'READY') names.push(await databaseOf(context, orgId));
        else waiting += 1;
      }
      after = page.at(-1)?.orgId;
      if (page.length < 500) break;
    }
    if (names.length === 0 && waiting === 0) return notProvided('there is no organization yet');
    const present = await context.operational.ask<{ name: string }>(
      `select datname as name from pg_database where datname ~ '^t_[0-9a-f]{16}$'`,
    );
    const there = new Set(present.map(({ name }) => name));
    const faults = names.filter((name) => !there.has(name)).map((name) => `${name} is missing`);
    if (new Set(names).size < names.length) faults.push('two organizations share a database');
    return passUnless(faults, `${names.length} organizations, as many databases; ${waiting} are being made`);
  },
};

async function databaseOf(context: Parameters<typeof asSystem>[0], orgId: string): Promise<string> {
  const [row] = await asSystem(
    context,
    (tx) => tx.sql<{ name: string }[]>`
    select database_name as name from platform.telemetry_placement()`,
    orgId,
  );
  return row?.name ?? 'a database without a name';
}
