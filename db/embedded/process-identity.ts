import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

/** Whether the operating system still knows the pid; a zombie counts, a process of another user too. */
export function processExists(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the pid is a process that still runs: a zombie, dead but not yet reaped by its parent, does not. */
export function processRuns(pid: number): boolean {
  return processExists(pid) && !/^[ZX]/.test(statFields(pid)[0] ?? '');
}

/**
 * When the process started, in clock ticks since boot: tells a recycled pid from the process that had it before.
 * Source: field 22 of `/proc/<pid>/stat`, proc(5). Empty where the system has no /proc.
 */
export function processStartTicks(pid: number): string {
  return statFields(pid)[19] ?? '';
}

/**
 * Whether the pid is a PostgreSQL that serves this data directory: its command line names the directory (we start it
 * with `-D <directory>`) and it belongs to the user that PostgreSQL runs as. `unknown` where the system shows neither
 * (Windows, a /proc mounted with hidepid).
 */
export function servesDataDirectory(pid: number, dataDirectory: string, uid: number | undefined): boolean | 'unknown' {
  const line = commandLine(pid);
  if (line === '') return 'unknown';
  return `${line} `.includes(`${dataDirectory} `) && (uid === undefined || uid === ownerOf(pid, uid));
}

/** Fields of /proc/<pid>/stat from the third (state) on; the second, the program's name, may hold blanks and brackets. */
function statFields(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function commandLine(pid: number): string {
  if (process.platform === 'win32') return '';
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const parameters = ['-ww', '-o', 'args=', '-p', String(pid)];
    return execFileSync('ps', parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

function ownerOf(pid: number, otherwise: number): number {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? otherwise;
}
