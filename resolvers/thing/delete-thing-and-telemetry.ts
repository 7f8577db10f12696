import { appendAudit } from '../../audit/append-audit.js';
import { withOrg } from '../../db/with-org.js';
import { deleteThing } from '../../domain/thing/delete-thing.js';
import { lockThing } from '../../domain/thing/lock-thing.js';
import { pathOfThing } from '../../domain/thing/path-of-thing.js';
import { mutate } from '../mutate.js';
import type { RequestContext } from '../request-context.js';

/** Name of the mutation in the audit log. */
const action = 'deleteThing';

/**
 * Deletes a thing and its telemetry, which no one transaction holds: the intent is recorded, the telemetry forgotten,
 * the row deleted. Interrupted in between, a thing is left that has no telemetry and takes none, which can be deleted
 * again.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, UNAVAILABLE
 */
export async function deleteThingAndTelemetry(
  context: RequestContext,
  input: { readonly id: string },
): Promise<{ id: string }> {
  const { operational, identity, telemetry } = context;
  const { id } = await withOrg(operational, identity, 'write', async (tx) => {
    const thing = await lockThing(tx, input.id);
    await appendAudit(tx, { action, resource: pathOfThing(thing), outcome: 'INTENDED', change: { input } });
    return thing;
  });
  await telemetry.forgetThing(identity, id);
  await mutate(context, action, input, async (tx) => {
    const before = await deleteThing(tx, id);
    return { value: undefined, resource: pathOfThing(before), before, deleted: { noun: 'THING', id } };
  });
  return { id };
}
