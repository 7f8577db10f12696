import { notFound } from '../../errors/bulkhead-error.js';
import type { ThingHandle } from '../../telemetry/thing-handle.js';
import type { OpenThings } from './open-things.js';

/**
 * The handle of a thing that was opened.
 * @throws BulkheadError NOT_FOUND for a thing that was deleted in between
 */
export function requireHandle(open: OpenThings, thingId: string): ThingHandle {
  const handle = open.handles.get(thingId);
  if (handle === undefined) throw notFound('thing');
  return handle;
}
