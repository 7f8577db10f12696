/**
 * A signal that is given with Ctrl-C or SIGTERM, so that a command which has made something aside removes it before it
 * ends. The second one ends the process at once, as without this.
 */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const stop = () => stopping.abort(new Error('It was stopped.'));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return stopping.signal;
}
