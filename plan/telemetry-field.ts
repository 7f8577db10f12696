import type { FieldNode } from 'graphql';
import type { Layout } from './layout.js';
import type { Variables } from './operation-scope.js';

/** A field of telemetry: what the operational store leaves to the other store. */
export interface TelemetryField {
  readonly kind: 'latest' | 'thingSeries' | 'recentEvents' | 'placeSeries';
  /** How each reading, series or event is written. */
  readonly layout: Layout;
  /** Selections of the field, for the locations of errors. */
  readonly nodes: readonly FieldNode[];
  readonly argumentsOf: (variables: Variables) => Readonly<Record<string, unknown>>;
}
