import { withOrg } from '../../db/with-org.js';
import { everyTopic } from '../../domain/live/live-kind.js';
import { type Deletion, readDeletion } from '../../domain/live/publish-live.js';
import { readableDeletions } from '../../domain/live/readable-deletions.js';
import type { SubscriptionResolvers } from '../types.generated.js';
import { liveField } from './live-field.js';

/** What is told of the whole organization. */
export const Subscription = {
  deletions: liveField<object, Deletion>('deletions', async () => ({
    kind: 'DELETED',
    topic: everyTopic,
    isReread: false,
    next: ({ operational, identity }, ids) => {
      const deletions = ids.flatMap((id) => readDeletion(id) ?? []);
      return withOrg(operational, identity, 'read', (tx) => readableDeletions(tx, deletions));
    },
  })),
} satisfies SubscriptionResolvers;
