import { backupFault } from '../backup-fault.js';
import { lsnBytes } from './wal-file.js';

/** A timeline from which another one came, and where it was left. */
export interface TimelineParent {
  readonly timeline: number;
  /** LSN up to which it belongs to the history. */
  readonly until: string;
  /** Where it was put back to a moment: of the first commit that was left out; undefined for every other reason. */
  readonly leftAt: Date | undefined;
}

/** The timelines before one, oldest first, as in `0000000N.history`. */
export type TimelineHistory = readonly TimelineParent[];

/** @throws BulkheadError UNAVAILABLE for a file that is no history */
export function parseHistory(content: Buffer): TimelineHistory {
  return content
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, timeline, until, reason = ''] = /^(\d+)\s+([0-9A-F]+\/[0-9A-F]+)(?:\s+(.*))?$/.exec(line) ?? [];
      if (timeline === undefined || until === undefined) throw backupFault('the history of a timeline is damaged');
      return { timeline: Number(timeline), until, leftAt: momentOf(reason) };
    });
}

/** The timeline that a byte of WAL belongs to, in the history of another or of itself. */
export function timelineAt(history: TimelineHistory, own: number, lsn: bigint): number {
  return history.find(({ until }) => lsn < lsnBytes(until))?.timeline ?? own;
}

/** PostgreSQL writes `before 2026-11-22 14:00:03.25+00`, in whatever zone the server has. */
function momentOf(reason: string): Date | undefined {
  const [, date, time, zone, minutes = '00'] =
    /^before (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d)(?::?(\d\d))?/.exec(reason) ?? [];
  return zone === undefined ? undefined : new Date(`${date}T${time}${zone}:${minutes}`);
}
