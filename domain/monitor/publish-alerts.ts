import type { OrgTransaction } from '../../db/with-org.js';
import { publishLive } from '../live/publish-live.js';

/** Tells the subscribers of the places of some alerts, each once, that an alert has tripped or ended there. */
export async function publishAlerts(
  tx: OrgTransaction,
  events: readonly { readonly placeId: string }[],
): Promise<void> {
  for (const placeId of new Set(events.map((event) => event.placeId))) await publishLive(tx, 'ALERTS', placeId);
}
