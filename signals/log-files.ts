import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DestinationStream, pino } from 'pino';

/** Where a process keeps its log. */
export interface LogFiles {
  readonly directory: string;
  /** Days for which a file is kept after its own. */
  readonly days: number;
}

/** Bytes of log lines that are written at once, and milliseconds for which a line waits at most. */
const minLength = 8192;
const flushMs = 200;
/** Bytes that wait at most while the disk is slow; what comes beyond is dropped, and no request waits for it. */
const maxLength = 16 * 1024 * 1024;

/**
 * Log lines in one private file a day (UTC) and process, `gateway-2026-11-22.jsonl`; files of more than the given number
 * of days ago are removed, at the start and at the first line of each day.
 * @param name kind of the process: lower-case letters
 * @param clock the present, in milliseconds since 1970
 */
export function logFiles(
  name: string,
  { directory, days }: LogFiles,
  clock: () => number = Date.now,
): DestinationStream & { end(): void } {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  let day = dayOf(clock());
  const fileOf = () => join(directory, `${name}-${day}.jsonl`);
  removeOld(directory, clock() - days * dayMs);
  const destination = pino.destination({
    dest: fileOf(),
    append: true,
    mode: 0o600,
    sync: false,
    minLength,
    maxLength,
  });
  // A disk that is full must not end the process.
  destination.on('error', () => {});
  const flushing = setInterval(() => destination.flush(), flushMs).unref();
  return {
    write: (line) => {
      const today = dayOf(clock());
      if (today !== day) {
        day = today;
        destination.reopen(fileOf());
        removeOld(directory, clock() - days * dayMs);
      }
      destination.write(line);
    },
    end: () => {
      clearInterval(flushing);
      destination.end();
    },
  };
}

const dayMs = 86_400_000;

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Removes the files of days before the one of this moment, of all processes. */
function removeOld(directory: string, ms: number): void {
  const oldest = dayOf(ms);
  for (const file of readdirSync(directory)) {
    const [, day] = /^[a-z]+-(\d{4}-\d{2}-\d{2})\.jsonl$/.exec(file) ?? [];
    if (day !== undefined && day < oldest) rmSync(join(directory, file), { force: true });
  }
}
