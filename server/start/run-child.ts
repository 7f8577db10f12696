import { drainMs, type FromChild, type RotatedKeys, type ToChild } from './child-messages.js';

/** What a child process runs. */
export interface ChildService {
  /** Address that it serves on, for a child that does. */
  readonly url?: string;
  /** Takes on keys that were rotated, for a child that uses any. */
  takeKeys?(keys: RotatedKeys): void;
  /** Finishes what is under way. */
  close(): Promise<void>;
}

/**
 * Life of a child process: waits for its configuration, starts, tells its supervisor, and ends when it is told to, on
 * SIGTERM, or when the supervisor is gone (also by `kill -9`: the channel between them closes then).
 * @param start starts the service; what it throws is told to the supervisor
 */
export function runChild<Configuration>(start: (configuration: Configuration) => Promise<ChildService>): void {
  let service: Promise<ChildService> | undefined;
  let isEnding = false;

  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(1), drainMs).unref();
    try {
      await (await service)?.close();
      process.exit(0);
    } catch {
      process.exit(1);
    }
  };

  process.on('message', (message: ToChild<Configuration>) => {
    if (message.type === 'stop') void end();
    if (message.type === 'keys') {
      const { keys } = message;
      // A start that fails is told below.
      service?.then(
        (running) => running.takeKeys?.(keys),
        () => {},
      );
    }
    if (message.type !== 'start' || service !== undefined) return;
    service = start(message.configuration);
    service.then(
      ({ url }) => tell({ type: 'ready', url }),
      (error: unknown) => {
        tell({ type: 'failed', reason: error instanceof Error ? error.message : String(error) }, () => process.exit(1));
      },
    );
  });
  process.once('disconnect', end);
  process.once('SIGTERM', end);
  // Ctrl-C reaches every process of the terminal; when a child ends is for its supervisor to say.
  process.on('SIGINT', () => {});
}

function tell(message: FromChild, done: () => void = () => {}): void {
  if (process.connected) process.send?.(message, undefined, undefined, done);
  else done();
}
