// Preloaded into the gateway (`node --expose-gc --import`): at a signal it tells its memory by IPC, after a full
// collection, so that what is left is what is held. A listener for messages would take those meant for the gateway.

/** The signal that asks for a report. */
export const memorySignal = 'SIGUSR2';

/** What is told. */
export interface MemoryReport {
  readonly type: 'bench memory';
  readonly heapMb: number;
  readonly rssMb: number;
  /** Timers, sockets and other things that keep the process busy. */
  readonly handles: number;
}

const megabyte = 1024 * 1024;

process.on(memorySignal, () => {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const handles = process.getActiveResourcesInfo().length;
  const report: MemoryReport = { type: 'bench memory', heapMb: heapUsed / megabyte, rssMb: rss / megabyte, handles };
  process.send?.(report);
});
