/** Where spans are sent, and how many. */
export interface TracingConfiguration {
  /** Address of a collector that speaks OTLP over HTTP, without `/v1/traces`. */
  readonly endpoint: string;
  /** Header fields of each post; may hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** Share of the requests and jobs that are recorded, 0–1. */
  readonly ratio: number;
}
