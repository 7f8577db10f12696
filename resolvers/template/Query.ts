import type { TemplateRow } from '../../db/tables/templates.js';
import { withOrg } from '../../db/with-org.js';
import { readPage } from '../../domain/read-page.js';
import { getTemplate } from '../../domain/template/get-template.js';
import { templateList } from '../../domain/template/template-list.js';
import type { QueryResolvers } from '../types.generated.js';

/** Queries of templates. */
export const Query = {
  templates: (_root, { first, after, ...filter }, { operational, identity }) =>
    readPage<TemplateRow>(operational, identity, templateList(filter), { first, after }),
  template: (_root, { id }, { operational, identity }) =>
    withOrg(operational, identity, 'read', (tx) => getTemplate(tx, id)),
} satisfies QueryResolvers;
