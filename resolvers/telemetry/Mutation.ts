import { acceptedWindow } from '../../domain/telemetry/accepted-window.js';
import { openForWriting } from '../../domain/telemetry/open-for-writing.js';
import { requireHandle } from '../../domain/telemetry/require-handle.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { ingestColumnar } from '../../telemetry/ingest-columnar.js';
import { ingestFrames } from '../../telemetry/ingest-frames.js';
import type { MutationResolvers } from '../types.generated.js';

/** Changes of telemetry. */
export const Mutation = {
  ingestFrames: async (_root, { input }, { operational, telemetry, identity }) => {
    if (input.things.length === 0) throw invalidInput('input.things', 'must have at least one entry');
    const named = input.things.map(({ thingId }, index) => ({ id: thingId, field: `input.things[${index}].thingId` }));
    const open = await openForWriting(operational, identity, named, 'ingestFrames', countFrames(input.things));
    return telemetry.write(identity, open, (database) =>
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
  ingestColumnar: async (_root, { input }, { operational, telemetry, identity }) => {
    const named = [{ id: input.thingId, field: 'input.thingId' }];
    const open = await openForWriting(operational, identity, named, 'ingestColumnar', input.rows.length);
    const result = await telemetry.write(identity, open, (database) =>
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

function countFrames(things: readonly { readonly frames: readonly unknown[] }[]): number {
  return things.reduce((sum, { frames }) => sum + frames.length, 0);
}
