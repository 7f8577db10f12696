import { identifySystem } from '../../db/read-base-backup.js';
import { type BackupContext, inTransaction } from '../backup-context.js';
import { readCatalogue } from '../catalogue.js';
import { lastDue, nextDue } from './backup-schedule.js';

/** Milliseconds after a start at which a base backup that was missed is made up: what starts is not disturbed. */
const afterStartMs = 60_000;

/** Asks for the base backup that comes next by the schedule; one that waits already is moved there. */
export function scheduleNext(context: BackupContext): Promise<void> {
  return schedule(context, nextDue(context.configuration.schedule, new Date()));
}

/** The same at a start: when the last one by the schedule was missed, or there is none at all, in a minute. */
export async function scheduleAtStart(context: BackupContext): Promise<void> {
  const { configuration, repository } = context;
  const now = new Date();
  const { system } = await identifySystem(configuration.operationalUrl);
  const newest = (await readCatalogue(repository, system)).bases.at(-1);
  const isMissed = newest === undefined || new Date(newest.startedAt) < lastDue(configuration.schedule, now);
  await schedule(context, isMissed ? new Date(now.getTime() + afterStartMs) : nextDue(configuration.schedule, now));
}

async function schedule(context: BackupContext, at: Date): Promise<void> {
  const { time, zone, timesADay } = context.configuration.schedule;
  const text = `${time} ${zone}${timesADay === 2 ? ' twice' : ''}`;
  await inTransaction(context, async ({ sql }) => {
    await sql`select platform.enqueue_backup_job('baseBackup', ${at.toISOString()}::timestamptz)`;
    await sql`select platform.note_schedule('baseBackup', ${text}, ${at.toISOString()}::timestamptz)`;
  });
}
