import { WebSocket } from 'ws';

/** Bounds of what may wait for a client to read it. */
export interface SendBounds {
  readonly bufferedBytes: number;
  /** Milliseconds that one message may wait. */
  readonly flushMs: number;
}

/**
 * Sends a message and waits until it has left the process: who waits for it makes no further one meanwhile. A client that
 * does not read is cut off: no farewell would reach it.
 * @param cut called before that
 */
export function sendBounded(socket: WebSocket, message: string, bounds: SendBounds, cut: () => void): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== WebSocket.OPEN) return resolve();
    const end = () => {
      cut();
      socket.terminate();
    };
    if (socket.bufferedAmount > bounds.bufferedBytes) {
      end();
      return resolve();
    }
    const timer = setTimeout(end, bounds.flushMs);
    // A socket that has failed tells so by its `close`.
    socket.send(message, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
