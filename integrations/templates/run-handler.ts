/** What came of a call of a handler: JSON text of what it answered, or why there is none. */
export type HandlerAnswer =
  | { readonly text: string }
  /** `detail` is what the handler itself said, e.g. the message of its error. */
  | { readonly reason: string; readonly detail?: string; readonly isLate?: true };

/**
 * Runs the handler of a source apart from everything.
 * @param source an ECMAScript module whose default export is the handler
 * @param document JSON text
 * @throws BulkheadError UNAVAILABLE when too many wait already
 */
export type RunHandler = (source: string, document: string) => Promise<HandlerAnswer>;
