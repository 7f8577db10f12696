import { DateTime } from '../scalars/date-time.js';
import { Mutation } from './Mutation.js';
import { Query } from './Query.js';
import type { Resolvers } from './types.generated.js';

/** All resolvers of the operators' API. */
export const operatorResolvers: Resolvers = { DateTime, Query, Mutation };
