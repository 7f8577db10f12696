import type postgres from 'postgres';
import { invalidInput } from '../errors/bulkhead-error.js';
import type { TimeWindow } from './time-window.js';

/**
 * Width of the bins of a query.
 * MINUTE and HOUR bins are counted from the Unix epoch. DAY bins are calendar days of `timeZone`, of 23 or 25 hours where
 * clocks change; bins of several days are counted from 1970-01-01 there.
 */
export interface Bin {
  readonly unit: 'MINUTE' | 'HOUR' | 'DAY';
  /** MINUTE 1–1,440, HOUR 1–744, DAY 1–366. */
  readonly value: number;
  /** IANA name such as `Europe/Berlin`, or `UTC` (default). DAY only. */
  readonly timeZone?: string;
}

const minuteMs = 60_000;
const unitMs = { MINUTE: minuteMs, HOUR: 60 * minuteMs, DAY: 1_440 * minuteMs } as const;
const largestValue = { MINUTE: 1_440, HOUR: 744, DAY: 366 } as const;

/** Refuses a bin that does not exist. @throws BulkheadError BAD_USER_INPUT */
export function requireBin(bin: Bin): void {
  const largest = largestValue[bin.unit];
  if (!Number.isInteger(bin.value) || bin.value < 1 || bin.value > largest) {
    throw invalidInput('bin.value', `lies between 1 and ${largest} for ${bin.unit}`);
  }
  if (bin.timeZone === undefined) return;
  if (bin.unit !== 'DAY') throw invalidInput('bin.timeZone', 'is for bins of days only');
  if (!isTimeZone(bin.timeZone)) throw invalidInput('bin.timeZone', 'is not an IANA time zone such as Europe/Berlin');
}

/**
 * PostgreSQL also takes abbreviations (`CET`, without summer time) and POSIX rules for a zone: only names with an area,
 * and UTC, mean the same everywhere.
 */
function isTimeZone(name: string): boolean {
  if (name === 'UTC') return true;
  if (!/^[A-Za-z_]{1,32}(\/[A-Za-z0-9_+-]{1,32}){1,2}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** How many bins a window can touch: exact for minutes and hours, at most two more than there are for days. */
export function countBins(bin: Bin, window: TimeWindow): number {
  if (window.startMs >= window.endMs) return 0;
  const widthMs = bin.value * unitMs[bin.unit];
  if (bin.unit === 'DAY') return Math.ceil((window.endMs - window.startMs) / widthMs) + 2;
  return Math.floor((window.endMs - 1) / widthMs) - Math.floor(window.startMs / widthMs) + 1;
}

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** SQL of one way to bin. */
export interface BinSql {
  /** The bin of a reading, from the column `at`: a value to group by. */
  readonly ofReading: Fragment;
  /** Start of a bin, a timestamptz, from the column `bin` that `ofReading` gave. */
  readonly start: Fragment;
}

/** The SQL of a bin that `requireBin` has passed. */
export function binSql(sql: postgres.Sql, bin: Bin): BinSql {
  if (bin.unit !== 'DAY') {
    const width = `${bin.value * unitMs[bin.unit]} milliseconds`;
    return { ofReading: sql`date_bin(${width}::interval, at, 'epoch')`, start: sql`bin` };
  }
  const zone = bin.timeZone ?? 'UTC';
  if (zone === 'UTC')
    return { ofReading: sql`date_bin(${`${bin.value} days`}::interval, at, 'epoch')`, start: sql`bin` };
  // Where clocks are set back at midnight (Azores, Cuba), PostgreSQL reads 00:00 as the second of the two; the day begins
  // with the first, which is the one by the offset that held some hours before.
  return {
    ofReading: sql`date_bin(${`${bin.value} days`}::interval, at at time zone ${zone}, timestamp '1970-01-01')::date`,
    start: sql`(
      select case when (d.early at time zone ${zone})::date = bin then least(d.early, d.late) else d.late end
      from (
        select n.late, (bin::timestamp - ((n.late - interval '4 hours') at time zone ${zone}
                 - (n.late - interval '4 hours') at time zone 'UTC')) at time zone 'UTC' as early
        from (select bin::timestamp at time zone ${zone} as late) n
      ) d)`,
  };
}

/** A query of the starts (`edge`) of all bins of days that begin within the window, and of some around it. */
export function edgesOfDays(
  sql: postgres.Sql,
  bin: Bin,
  { from, to }: { readonly from: Date; readonly to: Date },
): Fragment {
  const width = `${bin.value} days`;
  const local = (instant: Date) => sql`(${instant}::timestamptz at time zone ${bin.timeZone ?? 'UTC'})`;
  return sql`
    select ${binSql(sql, bin).start} as edge
    from (
      select day::date as bin from generate_series(
        date_bin(${width}::interval, ${local(from)}, timestamp '1970-01-01'), ${local(to)}, ${width}::interval) as day
    ) days`;
}
