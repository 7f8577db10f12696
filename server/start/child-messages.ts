import type { KeyVersions } from '../../vault/held-keys.js';
import type { RotatedKind } from '../keys.js';

/** To a child: its configuration, credentials included, by IPC so that they are in no argument list and no environment. */
export interface StartMessage<Configuration> {
  readonly type: 'start';
  readonly configuration: Configuration;
}

/** To a child: finish what is under way and exit. */
export interface StopMessage {
  readonly type: 'stop';
}

/** To a child: keys that were rotated while it runs, of the kinds that it was given. */
export interface KeysMessage {
  readonly type: 'keys';
  readonly keys: RotatedKeys;
}

/** Keys that can be rotated, of the kinds that a process uses. */
export type RotatedKeys = Readonly<Partial<Record<RotatedKind, KeyVersions>>>;

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
export type ToChild<Configuration> = StartMessage<Configuration> | StopMessage | KeysMessage;

/** What a child tells its supervisor. */
export type FromChild = ReadyMessage | FailedMessage;

/** Milliseconds that a child gets to finish what is under way before it is ended. */
export const drainMs = 5_000;
