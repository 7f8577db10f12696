import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { applyMiddleware } from 'graphql-middleware';
import { rateLimitDirective } from 'graphql-rate-limit-directive';
import { createPermissions } from '../auth/permissions/permissions.js';
import type { RateLimitTier } from '../auth/rate-limits/rate-limit-state.js';
import { purseKey, TokenPurseLimiter } from '../auth/rate-limits/token-purse.js';
import { packageRoot } from '../db/package-root.js';
import { resolvers } from '../resolvers/index.js';
import { operatorResolvers } from '../resolvers/operator/index.js';
import type { RequestContext } from '../resolvers/request-context.js';
import { replayMutations } from './idempotency/replay-mutations.js';
import { showOnce } from './idempotency/show-once.js';
import { recordRefusals } from './record-refusals.js';

/** The SDL of a folder, its files in order of their names. */
export function readTypeDefs(folder: string): string {
  const path = join(packageRoot, folder);
  return readdirSync(path)
    .filter((file) => file.endsWith('.graphql'))
    .sort()
    .map((file) => readFileSync(join(path, file), 'utf8'))
    .join('\n');
}

/** Layers that a test may leave out, to see that the others hold alone. */
export interface SchemaLayers {
  /** Rules of shield (default true). */
  readonly permissions?: boolean;
  /** Planned reads; without them the resolvers answer everything (default true). */
  readonly planned?: boolean;
}

/**
 * The schema of the API with all that stands before a resolver, outermost first: refusals are recorded, shield decides,
 * what was done before under an Idempotency-Key is not done again, the rate-limit directive takes what was paid.
 */
export function createSchema(layers: SchemaLayers = {}): GraphQLSchema {
  const { rateLimitDirectiveTransformer } = rateLimitDirective<RequestContext>({
    keyGenerator: (args, _source, _args, context) =>
      purseKey(context.identity.requestId, (args as unknown as { tier: RateLimitTier }).tier),
    limiterClass: TokenPurseLimiter as never,
  });
  const typeDefs = readTypeDefs('schema');
  const schema = showOnce(rateLimitDirectiveTransformer(makeExecutableSchema({ typeDefs, resolvers })));
  const permissions = createPermissions(schema);
  return layers.permissions === false
    ? applyMiddleware(schema, recordRefusals, replayMutations)
    : applyMiddleware(schema, recordRefusals, permissions, replayMutations);
}

/** The schema of operators: every field is for every operator. */
export function createOperatorSchema(): GraphQLSchema {
  return makeExecutableSchema({ typeDefs: readTypeDefs('schema/operator'), resolvers: operatorResolvers });
}
