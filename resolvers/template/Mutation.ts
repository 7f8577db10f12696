import { templatePath } from '../../auth/scopes/resource-path.js';
import { createTemplate } from '../../domain/template/create-template.js';
import { deleteTemplate } from '../../domain/template/delete-template.js';
import { getTemplate } from '../../domain/template/get-template.js';
import { ingestViaTemplate } from '../../domain/template/ingest-via-template.js';
import { requireRunnable } from '../../domain/template/require-runnable.js';
import { restoreTemplate } from '../../domain/template/restore-template.js';
import { testTemplate } from '../../domain/template/test-template.js';
import { updateTemplate } from '../../domain/template/update-template.js';
import { ifReadable, mutate } from '../mutate.js';
import type { MutationResolvers } from '../types.generated.js';

/** Changes of templates, and ingest by them. */
export const Mutation = {
  createTemplate: async (_root, { input }, context) => {
    await requireRunnable(context.handlers, context.identity.orgId, input.spec);
    return mutate(context, 'createTemplate', input, async (tx) => {
      const id = await createTemplate(tx, input);
      const resource = templatePath(input.target, id);
      return { value: { id, template: ifReadable(context, resource, await getTemplate(tx, id)) }, resource };
    });
  },
  updateTemplate: async (_root, { input }, context) => {
    await requireRunnable(context.handlers, context.identity.orgId, input.spec);
    return mutate(context, 'updateTemplate', input, async (tx) => {
      const { before, after } = await updateTemplate(tx, input);
      const resource = templatePath(after.target, after.id);
      return { value: { template: ifReadable(context, resource, after) }, resource, before };
    });
  },
  deleteTemplate: (_root, { input }, context) =>
    mutate(context, 'deleteTemplate', input, async (tx) => {
      const before = await deleteTemplate(tx, input.id);
      const deleted = { noun: 'TEMPLATE', id: before.id } as const;
      return { value: { id: before.id }, resource: templatePath(before.target, before.id), before, deleted };
    }),
  restoreTemplate: (_root, { input }, context) =>
    mutate(context, 'restoreTemplate', input, async (tx) => {
      const { before, after } = await restoreTemplate(tx, input.id);
      const resource = templatePath(after.target, after.id);
      return { value: { template: ifReadable(context, resource, after) }, resource, before };
    }),
  testTemplate: async (_root, { input }, context) => {
    const { report, records } = await testTemplate(context, context.identity, input);
    return { report, records };
  },
  ingestViaTemplate: async (_root, { input }, context) => ({
    thingId: input.thingId.toLowerCase(),
    report: await ingestViaTemplate(context, context.identity, input),
  }),
} satisfies MutationResolvers;
