import type { Logger } from 'pino';
import type { Identity } from '../auth/identity.js';
import type { RateLimitState } from '../auth/rate-limits/rate-limit-state.js';
import type { Database } from '../db/database.js';
import type { TelemetryService } from '../domain/telemetry/telemetry-service.js';
import type { EgressPolicy } from '../integrations/egress/egress-policy.js';
import type { HandlerThreads } from '../integrations/templates/handler-threads.js';
import type { VaultWriter } from '../vault/vault-writer.js';
import type { LiveDoor } from './live/live-source.js';
import type { Loaders } from './loaders.js';
import type { PointBudget } from './telemetry/point-budget.js';
import type { ApiKeyType, Scope } from './types.generated.js';

/** The key of a request, as `me` shows it. */
export interface CallingKey {
  readonly id: string;
  readonly name: string;
  readonly type: ApiKeyType;
  readonly scopes: readonly Scope[];
}

/** Type and first root fields of an operation, noted once its document was validated. */
export interface OperationNote {
  kind?: 'query' | 'mutation' | 'subscription';
  fields?: string;
}

/** What every resolver gets: who asks, and the doors to the stores. Made anew for each request. */
export interface RequestContext {
  readonly identity: Identity;
  readonly key: CallingKey;
  readonly operational: Database;
  readonly telemetry: TelemetryService;
  /** Runs the JavaScript of templates. */
  readonly handlers: HandlerThreads;
  readonly vault: VaultWriter;
  /** Where deliveries may go. */
  readonly egress: EgressPolicy;
  readonly loaders: Loaders;
  /** What is run, for log line, metrics and span. */
  readonly operation: OperationNote;
  /** Both buckets after this request was charged. */
  rateLimits: readonly RateLimitState[];
  /** Points that the operation may still answer. */
  readonly points: PointBudget;
  /** Label inside the text of new API keys. */
  readonly environment: string;
  /** The Idempotency-Key header as it was sent; its values, where there is more than one. */
  readonly idempotencyKey: string | readonly string[] | undefined;
  /** The connection of a subscriber, while a subscription is opened on it. */
  readonly live?: LiveDoor;
  /** Log of the gateway; a line about a request carries its `requestId`. */
  readonly log: Logger;
}
