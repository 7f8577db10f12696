let interrupt: (() => void) | undefined;
let isInterrupted = false;

/**
 * From now on SIGINT and SIGTERM do not end the process: they end what is awaited by `untilInterrupted`, now or later, so
 * that whoever waits stops what it has started.
 */
export function listenForInterrupts(): void {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      isInterrupted = true;
      interrupt?.();
    });
  }
}

/**
 * The result of work, unless the process is told to end before.
 * @throws Error `interrupted`
 */
export async function untilInterrupted<T>(work: Promise<T>): Promise<T> {
  const interrupted = new Promise<never>((_resolve, reject) => {
    interrupt = () => reject(new Error('interrupted'));
    if (isInterrupted) interrupt();
  });
  return Promise.race([work, interrupted]);
}
