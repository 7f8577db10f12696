import { type TemplateRevisionRow, templateRevisions } from '../../db/tables/templates.js';
import { listBelow } from '../../domain/list-below.js';
import { readPage } from '../../domain/read-page.js';
import { templateRevisionList } from '../../domain/template/template-list.js';
import { readTemplateSpec, type TemplateFormat } from '../../integrations/templates/template-spec.js';
import type { TemplateResolvers, TemplateRevisionResolvers } from '../types.generated.js';

/** A row with a spec, which what is stored may not be: one bad row must not break a list. */
interface Specified {
  readonly format: TemplateFormat;
  readonly spec: unknown;
}

const specOf = ({ format, spec }: Specified) => readTemplateSpec(format, spec)?.spec ?? null;

/** Fields of templates that are not columns of their row. */
export const Template: TemplateResolvers = {
  spec: specOf,
  specUnparseable: (template) => specOf(template) === null,
  isDeleted: ({ deletedAt }) => deletedAt !== null,
  revisions: ({ id }, { first, after }, { operational, identity }) =>
    readPage<TemplateRevisionRow>(
      operational,
      identity,
      listBelow(templateRevisionList, templateRevisions.templateId, id),
      { first, after },
    ),
};

/** Fields of revisions that are not columns of their row. */
export const TemplateRevision: TemplateRevisionResolvers = {
  spec: specOf,
  specUnparseable: (revision) => specOf(revision) === null,
};
