import { type Check, fail, notProvided, pass } from '../check.js';

/** Seconds after which a file of the write-ahead log has to be archived: a minute and some for the copy. */
const maxAgeSeconds = 180;

interface Archiver {
  readonly mode: string;
  readonly ageSeconds: number | null;
  readonly isFailing: boolean;
}

/** PostgreSQL archives its write-ahead log, and the last attempt was not a failure. */
export const writeAheadLogArchived: Check = {
  id: 'write-ahead-log-archived',
  title: 'The write-ahead log is archived, all the time',
  look: async ({ operational }) => {
    const [archiver] = await operational.ask<Archiver>(`
      select current_setting('archive_mode') as mode,
             extract(epoch from clock_timestamp() - last_archived_time)::int as "ageSeconds",
             coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) as "isFailing"
      from pg_stat_archiver`);
    if (archiver === undefined || archiver.mode === 'off')
      return notProvided('PostgreSQL does not archive its write-ahead log');
    if (archiver.isFailing) return fail('the last attempt to archive a file has failed');
    if (archiver.ageSeconds === null) return fail('no file was archived yet');
    return archiver.ageSeconds <= maxAgeSeconds
      ? pass(`a file was archived within the last ${maxAgeSeconds} seconds`)
      : fail(`the last file was archived ${archiver.ageSeconds} seconds ago`);
  },
};
