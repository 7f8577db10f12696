const recorded = new WeakSet<Error>();

/** Notes that the audit log has an entry of the attempt that ended with this error: one is enough. */
export function noteRecorded(error: unknown): void {
  if (error instanceof Error) recorded.add(error);
}

/** Whether the attempt that ended with this error is in the audit log. */
export function isRecorded(error: Error): boolean {
  return recorded.has(error);
}
