import { Command } from 'commander';
import { loadConfiguration } from '../server/configuration.js';
import { type RunningBulkhead, startBulkhead } from '../server/start/start-bulkhead.js';
import { exitStatus } from './exit-status.js';
import { print } from './print.js';
import { startSummary } from './start-summary.js';

/** Milliseconds after the first signal when the process ends whatever has not: PostgreSQL finishes by itself then. */
const stopDeadlineMs = 9_500;

/** `bulkhead start`. */
export function startCommand(): Command {
  return new Command('start')
    .description(
      'Start PostgreSQL, gateway and worker, and at the first time a demo organization. Ctrl-C stops them; a second ' +
        'Ctrl-C waits no longer for requests under way.',
    )
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead start
  PORT=8080 HOST=0.0.0.0 npx bulkhead start
  DATABASE_URL=postgres://admin:secret@db.example.com:5432/postgres npx bulkhead start
  LOG_LEVEL=info npx bulkhead start 2> bulkhead.log

Log lines are JSON on standard error: only warnings at a terminal, elsewhere also "info".
LOG_LEVEL sets another level. Exit status: 0 stopped, 1 fault, 2 mistake in the configuration.`,
    )
    .action(start);
}

async function start(): Promise<void> {
  const configuration = loadConfiguration();
  const stopping = new AbortController();
  let running: RunningBulkhead | undefined;
  const onSignal = () => {
    if (stopping.signal.aborted) running?.hurry();
    else setTimeout(() => process.exit(exitStatus.fault), stopDeadlineMs).unref();
    stopping.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  try {
    running = await startBulkhead(configuration, stopping.signal);
  } catch (error) {
    if (stopping.signal.aborted) process.exit(exitStatus.clean);
    throw error;
  }
  print(startSummary(running, configuration));
  await aborted(stopping.signal);
  await running.stop();
  process.exit(exitStatus.clean);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
