import postgres from 'postgres';
import type { Database } from './database.js';
import { listenersOf, poolOf } from './pool.js';

/** Milliseconds before the first attempt to listen again, doubled for each further one up to the longest. */
const retryMs = { first: 100, longest: 2000 };

/** What a listener is told. */
export interface Listener {
  /** A notice; every role may listen on every channel, so payloads name no more than ids. */
  readonly onNotice: (payload: string) => void;
  /** From now on no notice is missed. */
  readonly onListening?: () => void;
  /** The connection has ended: notices are missed until `onListening`. */
  readonly onLost?: () => void;
}

/**
 * Listens on a channel by a connection of its own, and again whenever that connection is lost, until it is stopped or
 * the database is closed.
 * @returns how to stop
 */
export function listen(database: Database, channel: string, listener: Listener): () => Promise<void> {
  const listeners = listenersOf(database);
  let isStopped = false;
  let current: postgres.Sql | undefined;
  let timer: NodeJS.Timeout | undefined;
  let delayMs = retryMs.first;

  const again = (): void => {
    if (isStopped) return;
    timer = setTimeout(connect, delayMs).unref();
    delayMs = Math.min(delayMs * 2, retryMs.longest);
  };
  const connect = async (): Promise<void> => {
    let isListening = false;
    const sql = postgres({
      ...poolOf(database).options,
      max: 1,
      idle_timeout: null,
      max_lifetime: null,
      onnotify: (_channel: string, payload: string) => listener.onNotice(payload),
      onclose: () => {
        if (!isListening) return;
        isListening = false;
        listener.onLost?.();
        void sql.end({ timeout: 0 });
        again();
      },
    } as unknown as postgres.Options<Record<string, never>>);
    current = sql;
    try {
      await sql`listen ${sql(channel)}`;
      isListening = true;
      delayMs = retryMs.first;
      listener.onListening?.();
    } catch {
      await sql.end({ timeout: 0 });
      again();
    }
  };
  const stop = async (): Promise<void> => {
    isStopped = true;
    clearTimeout(timer);
    listeners.delete(stop);
    await current?.end({ timeout: 0 });
  };
  listeners.add(stop);
  void connect();
  return stop;
}
