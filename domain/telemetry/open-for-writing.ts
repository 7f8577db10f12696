import { countUsage } from '../../audit/count-usage.js';
import type { Identity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import { fullPackage } from '../../errors/full-package.js';
import { requireUuid } from '../input/id.js';
import { watchedTopics } from '../live/publish-live.js';
import { askTelemetry, type OpenThings, openThings } from './open-things.js';
import { type NamedThing, writableThings } from './writable-things.js';

/** The telemetry of things that readings may be written to. */
export interface WritableThings extends OpenThings {
  /** Ids of those whose readings somebody subscribes to. */
  readonly watched: readonly string[];
}

/**
 * Opens things for writing and counts the call as usage, in one transaction. Write with `TelemetryService.write`, which
 * tells subscribers.
 * @param action name of the mutation, for the count
 * @param frames what is counted; undefined where nothing is going to be written
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, DATA_PACKAGE_FULL where something is going to be written
 */
export function openForWriting(
  operational: Database,
  identity: Identity,
  named: readonly NamedThing[],
  action: string,
  frames: number | undefined,
): Promise<WritableThings> {
  return withOrg(operational, identity, 'write', async (tx) => {
    const ids = named.map(({ id }) => requireUuid(id, 'thing'));
    // All in one go; of a call that is refused the count is rolled back.
    const writable = writableThings(tx, named);
    const counted = frames === undefined ? undefined : countUsage(tx, action, frames);
    const asked = askTelemetry(tx, ids);
    const watching = watchedTopics(tx, 'READINGS', ids);
    const [rows, watched] = await Promise.all([writable, watching, counted, asked]);
    const open = await openThings(tx, rows, asked);
    if (frames !== undefined && (await asked).access.is_full) throw fullPackage();
    // A thing that was deleted between the two statements has no metrics left: it is not found, rather than they.
    if ([...open.handles.values()].some(({ metrics }) => metrics.length === 0)) await writableThings(tx, named);
    return { ...open, watched };
  });
}
