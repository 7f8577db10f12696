import { isAllowed } from '../../auth/permissions/define-rule.js';
import type { FieldTable } from '../../auth/permissions/field-access.js';
import { rootFields } from '../../auth/permissions/root-fields.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import type { RequestContext } from '../request-context.js';
import type { SubscriptionResolvers } from '../types.generated.js';
import type { LiveEvent, LiveSource } from './live-source.js';

const rules: FieldTable[string] = rootFields.Subscription;

/**
 * A field of `Subscription`. Its rule is decided here too, before anything is opened: shield decides on `resolve`, which
 * runs for each event, and graphql-js runs `subscribe` although shield denies.
 * @param name the field, as in the table of root fields
 * @param open checks the arguments, reads what the subscriber must be able to see, and says what to follow; what it throws
 * refuses the subscription
 */
export function liveField<Args, Event>(
  name: keyof SubscriptionResolvers,
  open: (args: Args, context: RequestContext) => Promise<LiveSource<Event>>,
  // biome-ignore lint/suspicious/noExplicitAny: the generated type of a subscription field names unions of all shapes
): any {
  return {
    subscribe: async (
      _root: unknown,
      args: Args,
      context: RequestContext,
    ): Promise<AsyncIterable<LiveEvent<Event>>> => {
      const rule = rules[name];
      if (rule === undefined || !isAllowed(rule, context.identity)) {
        throw new BulkheadError('FORBIDDEN', `The key has no scope for Subscription.${name}`);
      }
      if (context.live === undefined) throw new Error('a subscription was opened without a connection');
      return context.live.follow(await open(args, context));
    },
    resolve: (event: Event) => event,
  };
}
