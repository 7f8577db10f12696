import type { ApolloServer } from '@apollo/server';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { RememberedKeys } from '../../auth/api-keys/remembered-keys.js';
import type { EmptyBuckets } from '../../auth/rate-limits/empty-buckets.js';
import type { RateLimitState } from '../../auth/rate-limits/rate-limit-state.js';
import type { TokenLeases } from '../../auth/rate-limits/token-leases.js';
import type { Database } from '../../db/database.js';
import type { RequestContext } from '../../resolvers/request-context.js';
import type { Caller } from '../authenticate.js';
import type { GatewaySignals } from '../gateway-signals.js';
import type { OperationSlots } from '../operation-slots.js';
import type { LiveConnections } from './live-connections.js';
import type { LiveNotices } from './live-notices.js';

/** What live connections share with the HTTP route, and what they have of their own. */
export interface LiveServices {
  readonly operational: Database;
  readonly keys: RememberedKeys;
  readonly environment: string;
  readonly log: Logger;
  readonly signals: GatewaySignals;
  readonly schema: GraphQLSchema;
  readonly apollo: ApolloServer<RequestContext>;
  readonly tokens: TokenLeases;
  readonly emptyBuckets: EmptyBuckets;
  readonly slots: OperationSlots;
  readonly notices: LiveNotices;
  readonly connections: LiveConnections;
  /** Notes that a key is used; at most once a minute. */
  readonly noteUse: (caller: Caller) => void;
  readonly contextOf: (caller: Caller, rateLimits: readonly RateLimitState[]) => RequestContext;
}
