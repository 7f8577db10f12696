import type { TemplateRevisionRow, TemplateRow } from '../../db/tables/templates.js';
import { countedConnectionOf } from '../connection.js';
import type { TemplateConnectionResolvers, TemplateRevisionConnectionResolvers } from '../types.generated.js';

/** Pages of templates. */
export const TemplateConnection: TemplateConnectionResolvers = countedConnectionOf<TemplateRow>();

/** Pages of revisions of a template. */
export const TemplateRevisionConnection: TemplateRevisionConnectionResolvers =
  countedConnectionOf<TemplateRevisionRow>();
