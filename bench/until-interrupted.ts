/**
 * The result of work, unless the process is told to end before: then this rejects, and whoever waits stops what it has
 * started.
 * @throws Error `interrupted`
 */
export async function untilInterrupted<T>(work: Promise<T>): Promise<T> {
  let interrupt = () => {};
  const interrupted = new Promise<never>((_resolve, reject) => {
    interrupt = () => reject(new Error('interrupted'));
  });
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
