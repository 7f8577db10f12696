import { isBehind, migrateSchema } from '../../telemetry/migrate-schema.js';
import { rollUp } from '../../telemetry/roll-up.js';
import { connectAsProvisioner } from '../../telemetry/with-provisioner.js';
import { asOnlyRunnerOrLater } from '../as-only-runner.js';
import type { JobContext } from '../job-context.js';
import type { Task } from '../task.js';
import { forEachTelemetryOrganization, telemetryDatabaseOf } from '../telemetry-organizations.js';

const part = 'rollups';

/** Seconds after the end of an hour in which its readings still come in: what is later than that is computed twice. */
const graceSeconds = 300;

/**
 * Brings the telemetry databases up to date, one after the other: first their schema, which an upgrade of Bulkhead may have
 * left behind, then their rollups. Reads are right without it, and slower. A database with much to be done gets a bounded
 * part of it in each run; what fails for one holds up no other.
 */
export const rollups: Task = {
  name: part,
  concerns: 'DEPLOYMENT',
  maxAttempts: 3,
  schedule: { cron: '*/10 * * * *', afterStartMs: 0 },
  run: async (_payload, context) => {
    await asOnlyRunnerOrLater(context.configuration.provisionerUrl, part, () =>
      forEachTelemetryOrganization(context, part, ({ orgId }) => bringUpToDate(context, orgId, context.signal)),
    );
  },
};

async function bringUpToDate(context: JobContext, orgId: string, signal: AbortSignal): Promise<void> {
  const database = await telemetryDatabaseOf(context, orgId, part);
  const owner = connectAsProvisioner(context.configuration.provisionerUrl, database);
  try {
    if (await isBehind(owner)) {
      const migrations = await migrateSchema(owner, database);
      context.log.info({ orgId, migrations }, 'a telemetry database was brought to the newest version');
    }
    const [clock] = await owner<{ beforeMs: number }[]>`
      select (date_part('epoch', now()) - ${graceSeconds}::float8) * 1000 as "beforeMs"`;
    if (clock !== undefined) await rollUp(owner, clock.beforeMs, { signal });
  } finally {
    await owner.end({ timeout: 5 });
  }
}
