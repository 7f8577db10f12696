import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { processExists, processRuns } from './process-identity.js';

/** A running PostgreSQL, our child or one that was taken over. It does not keep our own process alive. */
export interface Postmaster {
  readonly pid: number;
  /** Settles when the process is gone, with how it ended. */
  readonly gone: Promise<string>;
}

/** How long a fast shutdown may take before the immediate one, which needs recovery at the next start. */
const maxFastShutdownMs = 8_000;
const pollMs = 250;

/** A PostgreSQL that another process started: watched by its pid, four times a second. */
export function watchPostmaster(pid: number): Postmaster {
  const gone = new Promise<string>((resolve) => {
    const timer = setInterval(() => {
      if (processRuns(pid)) return;
      clearInterval(timer);
      resolve(`PostgreSQL (pid ${pid}) has ended`);
    }, pollMs);
    timer.unref();
  });
  return { pid, gone };
}

/**
 * Stops PostgreSQL: fast shutdown (SIGINT: open transactions are rolled back, data is written out), after 8 s the
 * immediate one (SIGQUIT). Settles when the process is gone, at once when it already is.
 * @param pgCtl pg_ctl of the same PostgreSQL, which sends the signals on Windows.
 */
export async function stopPostmaster(postmaster: Postmaster, pgCtl: string): Promise<void> {
  // One that has ended must not be signalled: its pid may be another process's by now.
  if ((await Promise.race([postmaster.gone, 'runs'])) !== 'runs') return;
  const alive = setInterval(() => {}, pollMs);
  const timeout = new AbortController();
  try {
    signalPostmaster(postmaster.pid, 'INT', pgCtl);
    const late = delay(maxFastShutdownMs, 'late', { signal: timeout.signal }).catch(() => 'ended');
    if ((await Promise.race([postmaster.gone, late])) === 'late') signalPostmaster(postmaster.pid, 'QUIT', pgCtl);
    await postmaster.gone;
  } finally {
    timeout.abort();
    clearInterval(alive);
  }
}

function signalPostmaster(pid: number, signal: 'INT' | 'QUIT', pgCtl: string): void {
  if (!processExists(pid)) return;
  // Node's own kill ends a process of Windows at once, whatever the signal.
  if (process.platform === 'win32') execFileSync(pgCtl, ['kill', signal, String(pid)], { windowsHide: true });
  else process.kill(pid, `SIG${signal}`);
}
