import type { AlertEventRow } from '../../db/tables/monitors.js';
import { withOrg } from '../../db/with-org.js';
import { alertsOfPlace } from '../../domain/monitor/alerts-of-place.js';
import { getPlace } from '../../domain/place/get-place.js';
import { liveField } from '../live/live-field.js';
import type { RequestContext } from '../request-context.js';
import type { SubscriptionAlertsArgs, SubscriptionResolvers } from '../types.generated.js';

/** Alerts as they trip and end. */
export const Subscription = {
  alerts: liveField<SubscriptionAlertsArgs, AlertEventRow>('alerts', async ({ placeId }, context) => {
    // Refuses an unknown place before anything is watched.
    await openAlerts(context, placeId, []);
    /** Events that the subscriber knows to be open. */
    let open: readonly string[] = [];
    return {
      kind: 'ALERTS',
      topic: placeId.toLowerCase(),
      isReread: true,
      next: async (current) => {
        const events = await openAlerts(current, placeId, open);
        const known = new Set(open);
        open = events.filter(({ clearedAt }) => clearedAt === null).map(({ id }) => id);
        return events.filter(({ id, clearedAt }) => clearedAt !== null || !known.has(id));
      },
    };
  }),
} satisfies SubscriptionResolvers;

function openAlerts(
  { operational, identity }: RequestContext,
  placeId: string,
  known: readonly string[],
): Promise<AlertEventRow[]> {
  return withOrg(operational, identity, 'read', async (tx) => {
    const place = await getPlace(tx, undefined, placeId);
    return alertsOfPlace(tx, place.id, known);
  });
}
