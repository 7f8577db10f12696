import { type DestinationStream, pino } from 'pino';

/** Bytes of log lines that are written at once. */
const minLength = 8192;
/** Milliseconds for which a line waits at most. */
const flushMs = 200;

/**
 * Standard output for log lines, written some at a time: a system call for each line is a twentieth of what a small
 * request costs. Lines that wait are written when the process exits; one that is killed loses those of its last moment.
 */
export function logDestination(): DestinationStream {
  const destination = pino.destination({ dest: 1, sync: false, minLength });
  setInterval(() => destination.flush(), flushMs).unref();
  return destination;
}
