/** Facts of a span: words of our own, ids of requests, counts; never values of organizations, keys or documents. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>;

/** A span that is open. */
export interface OpenSpan {
  /** Adds facts. */
  note(facts: SpanFacts): void;
}

/** The span of a request, which is opened and closed by hooks. */
export interface RequestSpan extends OpenSpan {
  /** Runs what belongs to the request. */
  enter(work: () => void): void;
  end(status: number): void;
}

/** Records spans and sends them. */
export interface SpanRecorder {
  /** Runs work in a span below the one that is open. */
  run<T>(name: string, facts: SpanFacts, work: (span: OpenSpan) => Promise<T>): Promise<T>;
  /**
   * Opens the span of a request.
   * @param traceparent of a proxy that is trusted (W3C Trace Context): the span is linked to it
   */
  openRequest(facts: SpanFacts, traceparent: string | undefined): RequestSpan;
  /** Sends what is recorded, for 5 s at most. */
  close(): Promise<void>;
}

const silent: OpenSpan = { note: () => {} };
let recorder: SpanRecorder | undefined;

/** Runs work, in a span of this name where tracing is on. */
export function traced<T>(name: string, facts: SpanFacts, work: (span: OpenSpan) => Promise<T>): Promise<T> {
  return recorder === undefined ? work(silent) : recorder.run(name, facts, work);
}

/** What records the spans of this process; undefined while tracing is off. */
export function spanRecorder(): SpanRecorder | undefined {
  return recorder;
}

/** Has the spans of this process recorded from now on, or no longer. */
export function recordSpans(next: SpanRecorder | undefined): void {
  recorder = next;
}
