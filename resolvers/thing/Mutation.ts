import { mayAct } from '../../auth/authorize.js';
import { createThing } from '../../domain/thing/create-thing.js';
import { getThing } from '../../domain/thing/get-thing.js';
import { pathOfThing } from '../../domain/thing/path-of-thing.js';
import { updateThing } from '../../domain/thing/update-thing.js';
import { upgradeThing } from '../../domain/thing/upgrade-thing.js';
import { mutate, updated } from '../mutate.js';
import type { MutationResolvers } from '../types.generated.js';
import { deleteThingAndTelemetry } from './delete-thing-and-telemetry.js';

/** Changes of things. */
export const Mutation = {
  createThing: (_root, { input }, context) =>
    mutate(context, 'createThing', input, async (tx) => {
      const { id, resource } = await createThing(tx, input);
      // A key that writes the place alone does not see the thing, not even in this transaction.
      const thing = mayAct(context.identity, 'read', resource) ? await getThing(tx, id) : null;
      return { value: { id, thing }, resource };
    }),
  updateThing: (_root, { input }, context) =>
    mutate(context, 'updateThing', input, async (tx) => {
      const change = await updateThing(tx, input);
      return updated(context, pathOfThing(change.before), change, (thing) => ({ thing }));
    }),
  upgradeThing: (_root, { input }, context) =>
    mutate(context, 'upgradeThing', input, async (tx) => {
      const change = await upgradeThing(tx, input.id, input.typeVersionId);
      return updated(context, pathOfThing(change.before), change, (thing) => ({ thing }));
    }),
  deleteThing: (_root, { input }, context) => deleteThingAndTelemetry(context, input),
} satisfies MutationResolvers;
