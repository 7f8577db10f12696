import { countUsage } from '../../audit/count-usage.js';
import { withOrg } from '../../db/with-org.js';
import { requireUuid } from '../../domain/input/id.js';
import { askTelemetry, type OpenThings, openThings } from '../../domain/telemetry/open-things.js';
import { requireHandle } from '../../domain/telemetry/require-handle.js';
import { type NamedThing, writableThings } from '../../domain/telemetry/writable-things.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { ingestColumnar } from '../../telemetry/ingest-columnar.js';
import { ingestFrames } from '../../telemetry/ingest-frames.js';
import type { RequestContext } from '../request-context.js';
import type { MutationResolvers } from '../types.generated.js';

/** Milliseconds by which a clock may be ahead of ours. */
const clockToleranceMs = 5 * 60_000;

/** Changes of telemetry. */
export const Mutation = {
  ingestFrames: async (_root, { input }, context) => {
    if (input.things.length === 0) throw invalidInput('input.things', 'must have at least one entry');
    const named = input.things.map(({ thingId }, index) => ({ id: thingId, field: `input.things[${index}].thingId` }));
    const open = await openForWriting(context, named, 'ingestFrames', countFrames(input.things));
    return context.telemetry.use(context.identity, open, (database) =>
      ingestFrames(
        database,
        input.things.map(({ thingId, frames }, index) => ({
          handle: requireHandle(open, thingId.toLowerCase()),
          frames: frames.map(({ timestamp, metrics }) => ({ timestampMs: timestamp, values: metrics })),
          field: `input.things[${index}]`,
        })),
        acceptedWindow(open),
      ),
    );
  },
  ingestColumnar: async (_root, { input }, context) => {
    const named = [{ id: input.thingId, field: 'input.thingId' }];
    const open = await openForWriting(context, named, 'ingestColumnar', input.rows.length);
    const result = await context.telemetry.use(context.identity, open, (database) =>
      ingestColumnar(
        database,
        [
          {
            handle: requireHandle(open, input.thingId.toLowerCase()),
            columns: input.columns,
            rows: input.rows,
            field: 'input',
          },
        ],
        acceptedWindow(open),
      ),
    );
    return {
      thingId: input.thingId.toLowerCase(),
      framesIngested: result.framesIngested,
      metrics: result.things[0]?.metrics ?? [],
    };
  },
} satisfies MutationResolvers;

/** Opens things for writing and counts the call as usage, in one transaction. */
function openForWriting(
  context: RequestContext,
  named: readonly NamedThing[],
  action: string,
  frames: number,
): Promise<OpenThings> {
  return withOrg(context.operational, context.identity, 'write', async (tx) => {
    const ids = named.map(({ id }) => requireUuid(id, 'thing'));
    // All in one go; of a call that is refused the count is rolled back.
    const writable = writableThings(tx, named);
    const counted = countUsage(tx, action, frames);
    const asked = askTelemetry(tx, ids);
    const [rows] = await Promise.all([writable, counted, asked]);
    const open = await openThings(tx, rows, asked);
    // A thing that was deleted between the two statements has no metrics left: it is not found, rather than they.
    if ([...open.handles.values()].some(({ metrics }) => metrics.length === 0)) await writableThings(tx, named);
    return open;
  });
}

function acceptedWindow({ oldestMs, nowMs }: OpenThings) {
  return { oldestMs, newestMs: nowMs + clockToleranceMs };
}

function countFrames(things: readonly { readonly frames: readonly unknown[] }[]): number {
  return things.reduce((sum, { frames }) => sum + frames.length, 0);
}
