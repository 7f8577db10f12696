/** To a child: its configuration, credentials included, by IPC so that they are in no argument list and no environment. */
export interface StartMessage<Configuration> {
  readonly type: 'start';
  readonly configuration: Configuration;
}

/** To a child: finish what is under way and exit. */
export interface StopMessage {
  readonly type: 'stop';
}

/** From a child: it serves. */
export interface ReadyMessage {
  readonly type: 'ready';
  /** Address that it serves on, for a child that does. */
  readonly url: string | undefined;
}

/** From a child: it could not start. */
export interface FailedMessage {
  readonly type: 'failed';
  /** Why, in words for the operator. */
  readonly reason: string;
}

/** What a supervisor tells a child. */
export type ToChild<Configuration> = StartMessage<Configuration> | StopMessage;

/** What a child tells its supervisor. */
export type FromChild = ReadyMessage | FailedMessage;

/** Milliseconds that a child gets to finish what is under way before it is ended. */
export const drainMs = 5_000;
